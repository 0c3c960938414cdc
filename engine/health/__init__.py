"""What is wrong with a run, a file each rule: pure functions over recorded figures."""
