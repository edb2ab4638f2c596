package sim

// Fault is a class of things that go wrong.
type Fault int

// Classes of faults.
const (
	NodeCrash       Fault = iota // the power of one node fails
	AllCrash                     // of all at once
	CrashInWrite                 // in the middle of a write, a sync or a rename
	TornTail                     // a start found a batch of the log half written
	CleanStop                    // a node is stopped and started
	SyncError                    // the log's disk refuses a sync
	SlowDisk                     // a node's syncs take long
	LostDisk                     // a replica comes back with nothing, under another id
	Stall                        // a node stands still for a while
	ClockJump                    // a node's clock jumps by an hour
	MessageLoss                  // messages
	MessageTwice                 // messages
	MessageDelay                 // messages that overtake others are among them
	Partition                    // a node is cut off
	OneWay                       // one direction between two nodes is cut
	HandOver                     // a leader hands over
	LeaderLost                   // commands were under way when their leader lost its office
	MemberRemoved                // a member left its group
	MemberAdded                  // a learner joined
	SnapshotFetch                // a member began with another one's snapshot
	FetchBroken                  // the copying of one was interrupted
	ClientRetry                  // a client asked again with the same key
	ClientTwice                  // a client asked twice at once
	CourierTwice                 // a transfer was delivered or released again
	CourierForgets               // a courier began with nothing
	RoleChanged                  // a member elsewhere got a vote, or lost it
	CopyMarked                   // a member elsewhere became a synchronous copy
	CopyUnmarked                 // one is none any more
	RegionLost                   // all nodes at home are gone, or cannot be reached any more
	Seized                       // a survivor began its group anew
	SeizeCut                     // the power failed within that
	JournalCut                   // the journal was ahead of the log that a group goes on with
	TailLost                     // what the lost ones had executed last was not there
	Strayed                      // a survivor had executed what its group goes on without, and began with nothing
	OldVoter                     // a replica that was given up went on, until it heard of the new generation
	PlacementChange              // a market belongs elsewhere now
	MoverForgets                 // a mover began with nothing
	MoverTwice                   // a step of a move was asked for twice
	MoveGivenUp                  // a mover lost its patience
	AskedElsewhere               // a client was sent to another shard, or told to come again
	IdleCashSent                 // cash went home from a shard where it lay idle
	SweeperForgets               // a sweeper began with nothing
	ClosedByTime                 // a market closed by itself
	CloseDueMoving               // its time had come when all of it was on another shard
	OutcomesMoved                // a market of several outcomes went to another shard
	GroupElsewhere               // an order named a group of which its shard had not heard
	NewsLost                     // news of an order group got lost
	NewsTwice                    // news of an order group was told again, or came late
	CopyTriggered                // what was filled on one shard triggered a group on another
	Faults
)

var faultNames = [Faults]string{
	"node crash", "all nodes crash", "crash within a write", "torn tail", "clean stop", "sync error", "slow disk", "lost disk",
	"stall", "clock jump", "message lost", "message repeated", "message delayed", "partition", "partition one way",
	"hand-over", "leadership lost", "member removed", "member added", "snapshot fetched", "fetch interrupted", "client retry",
	"client twice", "courier twice", "courier forgets", "role changed", "synchronous copy marked", "synchronous copy unmarked",
	"region lost", "group seized", "power cut while seizing", "journal cut", "tail lost", "survivor strayed", "old voter",
	"placement changed", "mover forgets", "mover twice", "move given up", "asked elsewhere",
	"idle cash sent home", "sweeper forgets", "market closed by time", "close due on the way", "several outcomes moved", "group elsewhere",
	"news of a group lost", "old news of a group", "group triggered from elsewhere",
}

func (f Fault) String() string { return faultNames[f] }
