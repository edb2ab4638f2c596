package replica

import (
	"context"
	"io"
	"time"
)

// Group says which replica of which group this one is.
type Group struct {
	Self ID
	// First are the members that a new group begins with. A replica without any that has no files waits until the members
	// of its group have added it.
	First Members
	// Transport reaches the other members. nil: there are none, and never will be.
	Transport Transport
	// Heartbeat is the time between two words of the leader (0: 10 ms), Election how long its followers do without before
	// one of them stands for election (0: ten heartbeats; at least two).
	Heartbeat, Election time.Duration
}

// Transport carries what replicas of a group have for each other. Its methods may be called concurrently. What a replica
// gets from others goes to its methods Receive, Lost, CopySnapshot and CopyJournal.
type Transport interface {
	// Send sends a message of the consensus, or loses it, which Send says if it knows. It never waits and does not keep m.
	Send(to ID, m []byte) bool
	// Snapshot reads the file of a snapshot of another replica, from an offset on.
	Snapshot(ctx context.Context, from ID, index uint64, offset int64) (io.ReadCloser, error)
	// Journal reads the records of another replica's journal that hold the events first to last, as CopyJournal writes them.
	Journal(ctx context.Context, from ID, first, last uint64) (io.ReadCloser, error)
}

const (
	defaultHeartbeat = 10 * time.Millisecond
	defaultElection  = 10 // heartbeats

	// What stands for election after the first follower waits so many times longer, as parts of the time without a leader.
	staggers = 4
)

func (g *Group) complete() {
	if g.Self == 0 {
		g.Self = NewID(1, 0)
	}
	if g.Transport == nil {
		g.Transport = nobody{}
		if len(g.First) == 0 {
			g.First = Members{{Replica: g.Self, Role: Voter, Wanted: Voter}}
		}
	}
	if g.Heartbeat == 0 {
		g.Heartbeat = defaultHeartbeat
	}
	if g.Election < 2*g.Heartbeat {
		g.Election = defaultElection * g.Heartbeat
	}
}

// alone reports whether there are no other replicas, and never will be.
func (g *Group) alone() bool {
	_, ok := g.Transport.(nobody)
	return ok
}

// electionTicks is how many ticks a follower does without a word of the leader.
func (g *Group) electionTicks() int { return int((g.Election + g.Heartbeat - 1) / g.Heartbeat) }

// nobody is the transport of a group of one.
type nobody struct{}

func (nobody) Send(ID, []byte) bool { return false }

func (nobody) Snapshot(context.Context, ID, uint64, int64) (io.ReadCloser, error) {
	return nil, ErrUnknownMember
}

func (nobody) Journal(context.Context, ID, uint64, uint64) (io.ReadCloser, error) {
	return nil, ErrUnknownMember
}
