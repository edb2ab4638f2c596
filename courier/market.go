package courier

import (
	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/projection"
)

// Step is what a market needs to come from one shard to another.
type Step uint8

// Steps. Freeze, Thaw and Release are for the source, Adopt and Abandon for the destination.
const (
	Rest   Step = iota // nothing is left to do, or something that others do comes first
	Freeze             // stop it at the source
	Adopt              // bring parts to the destination
	Abandon
	Thaw
	Release // what is left at the source
)

// String names a step.
func (s Step) String() string {
	return [...]string{"rest", "freeze", "adopt", "abandon", "thaw", "release"}[s]
}

// Market is one on its way from a shard to another. What it keeps of its own is that a move is to be given up; forgotten, the
// move is tried again. It is for one goroutine.
type Market struct {
	ID       exchange.MarketID
	From, To exchange.ShardID

	givenUp uint32 // the move, 0: none
	delays  int    // of this move, by the destination
}

// Next says what comes next, given where the market is on its way by what source and destination have committed, which may be
// of different moments and long ago. Where the source has frozen the market, To must be the shard that it is frozen for.
//
// What decides is whether the destination took the last part of the move: it never takes it back, and after Abandon it never
// takes it. Nothing is dropped at the source before the former is seen, and nothing goes on there before the latter.
func (m *Market) Next(source, destination projection.Moving) Step {
	switch source.Stage {
	case projection.StageHere:
		if destination.Stage == projection.StageHere || destination.Stage == projection.StageGone {
			return Freeze
		}
		return Rest // it still drops what it had of the market
	case projection.StageFrozen:
		return m.frozen(source.Move, destination)
	case projection.StageDropping:
		return Release
	}
	return Rest
}

func (m *Market) frozen(move uint32, destination projection.Moving) Step {
	switch {
	case destination.Move > move, destination.Move == move && destination.Stage == projection.StageHere:
		return Release // it was taken, and may have gone further
	case destination.Move == move && destination.Stage == projection.StageGone:
		return Thaw
	case destination.Move == move && destination.Stage == projection.StageDropping:
		return Abandon // others have begun to
	case destination.Move < move && destination.Stage != projection.StageHere && destination.Stage != projection.StageGone:
		return Rest // of an earlier move
	case m.givenUp == move:
		return Abandon
	}
	return Adopt
}

// mostDelays is how often the destination may put a part off before the move is given up, because the market stands still
// meanwhile.
const mostDelays = 8

// Answered takes in the destination's answer to a part. A part that it will not take, or puts off for too long, ends the move.
func (m *Market) Answered(c *exchange.AdoptMarket, code exchange.Reject) {
	switch code {
	case exchange.Accepted, exchange.RejectTransferOutOfOrder: // the latter tells that parts before it are missing
		return
	case exchange.RejectMarketMoving:
		if m.delays++; m.delays < mostDelays {
			return
		}
	}
	m.givenUp, m.delays = c.Move, 0
}

// Command returns the command of a step but Rest and Adopt, of the move that the source is at.
func (m *Market) Command(step Step, move uint32) exchange.Command {
	switch step {
	case Freeze:
		return &exchange.FreezeMarket{Market: m.ID, To: m.To}
	case Abandon:
		return &exchange.AbandonMarket{From: m.From, Market: m.ID, Move: move}
	case Thaw:
		return &exchange.ThawMarket{Market: m.ID, Move: move}
	case Release:
		return &exchange.ReleaseMarket{Market: m.ID, Move: move}
	}
	return nil
}

// Parts returns the commands that bring parts, which are all of the market, from the first that the destination lacks.
func (m *Market) Parts(move uint32, destination projection.Moving, parts [][]byte) (all []*exchange.AdoptMarket) {
	first := 0
	if destination.Move == move {
		first = int(destination.Part)
	}
	for i := first; i < len(parts); i++ {
		all = append(all, &exchange.AdoptMarket{From: m.From, Market: m.ID, Move: move, Part: uint32(i), Last: i == len(parts)-1, Data: parts[i]})
	}
	return all
}

// Stays reports whether a market that a source refused to freeze is to stay where it is, because it is about to end.
func Stays(code exchange.Reject) bool {
	return code == exchange.RejectMarketState || code == exchange.RejectMarketNotFound
}
