// Stand-in for lwIP: nothing of it is needed.
// MIT licence
