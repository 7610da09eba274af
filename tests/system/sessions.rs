//! Sessions of users at one door, in process: who is in, with what, and for how long.
