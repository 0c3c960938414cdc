"""Small grids of trainings, compared: a TOML file each, run one after the other, and a sentence over the figures."""
