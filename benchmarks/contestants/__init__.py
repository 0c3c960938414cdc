"""Those who are compared, a file each; every one runs in a process of its own."""
