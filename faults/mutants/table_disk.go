package main

// What stands between the exchange and its disk, the test's own disk included: one that loses nothing in a power cut would
// prove nothing.
var diskMutants = []mutant{
	{
		name: "disk-sync-skipped", broken: "a sync of the real disk does nothing",
		file:  "vfs/os.go",
		old:   "if err := syncData(f.File); err != nil {",
		new:   "if err := error(nil); err != nil {",
		tests: tests{"faults", "^TestFailingSync$"},
	},
	{
		name: "disk-new-file-kept", broken: "writing a file whole forgets to make its name durable",
		file: "vfs/files.go",
		old:  "return fsys.SyncDir(filepath.Dir(name))",
		new: `_ = filepath.Dir(name)
	return nil`,
		tests: tests{"vfs", "^TestWriteFileIsAtomic$"},
	},
	{
		name: "disk-power-cut-loses-nothing", broken: "the tests' disk keeps what was never synced",
		file:  "vfs/crash.go",
		old:   "data := slices.Clone(n.durable)",
		new:   "data := slices.Clone(n.data)",
		tests: tests{"vfs", "^TestCrash"},
	},
}
