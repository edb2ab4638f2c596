package main

// The replicated log on disk.
var logMutants = []mutant{
	{
		name: "log-sync-skipped", broken: "a batch is written and not synced",
		file:  "wal/append.go",
		old:   "if err := file.Sync(); err != nil {",
		new:   "if err := error(nil); err != nil {",
		tests: tests{"wal", "^TestPowerCutAtEveryMoment$"},
	},
	{
		name: "log-directory-not-synced", broken: "a new segment's name is not made durable",
		file:  "wal/rotate.go",
		old:   "return l.fsys.SyncDir(l.dir)",
		new:   "return nil",
		tests: tests{"wal", "^TestPowerCut"},
	},
	{
		name: "log-torn-end-left", broken: "a torn batch is not wiped when the log is opened",
		file:  "wal/log.go",
		old:   "again := make([]byte, last.end-found.lastBatch+found.recovery.TornBytes)",
		new:   "again := make([]byte, last.end-found.lastBatch)",
		tests: tests{"wal", "^TestTorn"},
	},
	{
		name: "log-damage-taken-for-a-tear", broken: "a damaged batch at the end is cut like a torn one",
		file:  "wal/tail.go",
		old:   "if t.end > offset && !t.missing {",
		new:   "if t.end > offset && !t.missing && false {",
		tests: tests{"wal", "^TestEveryFlippedBitIsFound$"},
	},
	{
		name: "log-checksum-not-checked", broken: "a record's checksum is not looked at",
		file:  "wal/record.go",
		old:   "if recordSum(header[4:], payload) != binary.LittleEndian.Uint32(header) {",
		new:   "if recordSum(header[4:], payload) != binary.LittleEndian.Uint32(header) && false {",
		tests: tests{"wal", "^(TestEveryFlippedBitIsFound|TestDamage)$"},
	},
	{
		name: "log-shown-before-durable", broken: "what a killed process left is served without a sync",
		file:  "wal/log.go",
		old:   "if err := writeSynced(l.file, again, found.lastBatch); err != nil {",
		new:   "if _, err := l.file.WriteAt(again, found.lastBatch); err != nil {",
		tests: tests{"wal", "^(TestWhatIsReadAfterAKillIsDurable|TestNothingIsShownBeforeItIsDurable)$"},
	},
	{
		name: "log-error-not-final", broken: "the log goes on after a sync that failed",
		file:  "wal/append.go",
		old:   `return l.fail(fmt.Errorf("wal: segment %d: %w", last.number, err))`,
		new:   `return fmt.Errorf("wal: segment %d: %w", last.number, err)`,
		tests: tests{"wal", "^TestEveryFailingOperation$"},
	},
	{
		name: "log-chain-not-compared", broken: "a segment is not compared with the hash in the next one",
		file:  "wal/walk.go",
		old:   "if w.chain.sum() == next.previous {",
		new:   "if w.damage == nil || w.chain.sum() == next.previous {",
		tests: tests{"wal", "^(TestEveryFlippedBitIsFound|TestDamage)$"},
	},
	{
		name: "log-drops-one-segment-too-many", broken: "the segment that the position is in is dropped",
		file:  "wal/scan.go",
		old:   "if err == nil && !keep && first < position.Segment() {",
		new:   "if err == nil && !keep && first <= position.Segment() {",
		tests: tests{"wal", "^TestDropBefore$"},
	},
}
