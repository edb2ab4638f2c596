package replica

import (
	"context"
	"log/slog"
	"time"

	"golang.org/x/mod/sumdb/note"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/vfs"
)

// Config says how a replica is run. The zero value of everything but Dir is usable.
type Config struct {
	FS  vfs.FS // nil: the machine's
	Dir string

	Shard exchange.ShardID // of which this is a replica; 0: exchange.HomeShard

	Group Group // the zero value: a group of this replica alone
	Rules int   // the greatest version of the rules that it goes along with; 0: that of this program

	Now func() time.Time // nil: time.Now; only the leader's is used, to stamp log time

	// SnapshotEvery is how many events there are between snapshots. 0: 500,000, which keeps the replay of a recovery
	// below half a second, or more where that would keep the machine busy writing snapshots.
	SnapshotEvery int
	// KeptEntries is how many entries of the log are kept in memory for members that are behind. 0: 65,536.
	KeptEntries int
	// WALSegment and JournalSegment are sizes in bytes. 0: the log's default, and 16 MiB for the journal, whose last
	// segment is read again by every start.
	WALSegment     int64
	JournalSegment int64
	// ReserveKeys and ReserveOrders is room made at the start, so that trading does not wait for memory.
	ReserveKeys, ReserveOrders int

	// Beside: others in this process trade already, and must not stand still because this one begins.
	Beside bool

	// Signer signs checkpoints of the journal, every CheckpointEvery (0: 2 s) while it grows. nil: none are made.
	Signer          note.Signer
	CheckpointEvery time.Duration

	// QueueBytes bounds what waits to be proposed; beyond it Submit answers ErrOverloaded. Commands that only cancel
	// (wire.OnlyCancels) are not counted, go first and are never refused: who submits them bounds them. 0: 16 MiB.
	QueueBytes int

	Observe func(Stage, time.Duration) // nil: stages are not measured
	// Trace returns who is to be told when each stage of a submission began and ended, nil for nobody. It is asked with the context
	// of Submit. nil: nothing is traced.
	Trace   func(context.Context) func(stage Stage, begun, ended time.Time)
	Changed func(Members) // is told the members after a change; must not wait; nil: nobody is
	Log     *slog.Logger  // nil: slog.Default()

	snapshotPause time.Duration // times as long as the writing of the last snapshot took, before the next one
}

// Stage is a part of the way of a command.
type Stage uint8

// Stages.
const (
	StageQueue   Stage = iota // from Submit to the proposal
	StageLog                  // from the proposal to the committed, durable entry
	StageApply                // the state machine, per entry
	StagePublish              // from apply to journal and read model
	StageFsync                // one gathered write and sync of the log
	Stages
)

var stageNames = [Stages]string{"queue", "log", "apply", "publish", "fsync"}

func (s Stage) String() string { return stageNames[s] }

const (
	maxBatchBytes    = 512 << 10 // of commands in one entry
	maxBatchCommands = 8192
	maxInFlight      = 8 // entries proposed and not applied
	maxUnpersisted   = 2 // entries proposed and not durable: one being written, one being filled
)

func (c *Config) complete() {
	c.Group.complete()
	if c.Shard == 0 {
		c.Shard = exchange.HomeShard
	}
	if c.Rules == 0 {
		c.Rules = exchange.RulesVersion
	}
	if c.FS == nil {
		c.FS = vfs.OS
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.SnapshotEvery == 0 {
		c.SnapshotEvery, c.snapshotPause = 500_000, snapshotPause
	}
	if c.KeptEntries == 0 {
		c.KeptEntries = keptEntries
	}
	if c.CheckpointEvery == 0 {
		c.CheckpointEvery = 2 * time.Second
	}
	if c.JournalSegment == 0 {
		c.JournalSegment = 16 << 20
	}
	if c.QueueBytes == 0 {
		c.QueueBytes = 16 << 20
	}
	if c.Observe == nil {
		c.Observe = func(Stage, time.Duration) {}
	}
	if c.Changed == nil {
		c.Changed = func(Members) {}
	}
	if c.Log == nil {
		c.Log = slog.Default()
	}
}
