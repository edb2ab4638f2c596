// Mutants plants bugs, one at a time, and lets the project's own tests find them: a test suite that finds nothing proves
// something only if it finds what is there.
//
//	go run ./faults/mutants            all of them; exit code 1 if one is not caught
//	go run ./faults/mutants --list     what there is, and which tests are expected to catch it
//	go run ./faults/mutants --only log-sync-skipped,book-bitmap-not-cleared
//
// A mutant is data: a text in a file that is replaced by another, what that breaks, and the tests that must notice. The
// changed file is compiled in place of the real one by the go command's overlay, so the working tree is never touched
// and a test that builds a program of its own builds the mutant too.
//
// Caught means that a test failed. The same tests pass without the mutant, which is tried first; a mutant that does not
// compile, whose text is gone, or whose tests do not exist is an error of the table and counts as not caught.
//
// It is a program of its own below faults, and not among the tools, which are a module apart that make test does not see:
// the test of this package keeps the table fresh.
package main
