"""How layers run in the compiled step: a file each, every phase beside the buffers that it works on."""
