#pragma once

namespace app {

// Keeps this process's memory, which holds tokens and keys, out of core images: no crash writes one, no other
// process of the same user can read the memory (prctl(2), PR_SET_DUMPABLE), and an image that root takes of
// the running process leaves out all that the process wrote (core(5), coredump_filter). To be called before
// anything else; where the system refuses, the programs run all the same.
void forbid_core_images();

}  // namespace app
