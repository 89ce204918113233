// The source that the shared precompiled header of the tests is compiled with.
