"""The flows of the library: what each does, how it looks as a graph, and a run of it by an agent of ours."""
