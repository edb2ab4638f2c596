package audit

import (
	"bytes"
	"reflect"

	"github.com/hustings/hustings/exchange/wire"
	"github.com/hustings/hustings/journal"
)

// A Change is an event that came out differently. Recorded or Replayed is nil where only the other happened; if both
// are there they are of one kind.
type Change struct {
	Recorded *Event `json:"recorded,omitempty"`
	Replayed *Event `json:"replayed,omitempty"`
}

// Kind is the kind of the event, or events, of a change.
func (c *Change) Kind() string {
	if c.Recorded != nil {
		return c.Recorded.Kind
	}
	return c.Replayed.Kind
}

// mostCells bounds the table in which events are aligned; longer lists are matched from both ends alone.
const mostCells = 1 << 20

// frames cuts a record into the frames of its events.
func frames(r *journal.Record) [][]byte {
	if r == nil {
		return nil
	}
	var all [][]byte
	for _, frame := range r.All() {
		all = append(all, frame)
	}
	return all
}

// sameEvent reports whether two frames say the same, though perhaps in different versions of their layout.
func sameEvent(a, b []byte) bool {
	if bytes.Equal(a, b) {
		return true
	}
	if wire.EventKind(a) != wire.EventKind(b) || a[3] == b[3] {
		return false
	}
	var forA, forB wire.Decoder
	eventA, errA := forA.Event(a)
	eventB, errB := forB.Event(b)
	return errA == nil && errB == nil && reflect.DeepEqual(eventA, eventB)
}

// changes aligns what was recorded with what was replayed for one log entry, and returns what differs, in order. None
// means that both say the same.
func changes(recorded, replayed *journal.Record) []Change {
	a, b := frames(recorded), frames(replayed)
	var all []Change
	fromA, fromB := 0, 0
	gap := func(toA, toB int) {
		all = appendGap(all, recorded, replayed, a[fromA:toA], b[fromB:toB], fromA, fromB)
		fromA, fromB = toA+1, toB+1
	}
	for _, m := range matches(a, b) {
		gap(m[0], m[1])
	}
	gap(len(a), len(b))
	return all
}

// matches returns pairs of places at which both lists have the same event, ascending in both.
func matches(a, b [][]byte) (pairs [][2]int) {
	head := 0
	for head < min(len(a), len(b)) && sameEvent(a[head], b[head]) {
		pairs = append(pairs, [2]int{head, head})
		head++
	}
	tail := 0
	for tail < min(len(a), len(b))-head && sameEvent(a[len(a)-1-tail], b[len(b)-1-tail]) {
		tail++
	}
	middleA, middleB := a[head:len(a)-tail], b[head:len(b)-tail]
	if len(middleA)*len(middleB) <= mostCells {
		for _, p := range longest(middleA, middleB) {
			pairs = append(pairs, [2]int{head + p[0], head + p[1]})
		}
	}
	for i := tail; i > 0; i-- {
		pairs = append(pairs, [2]int{len(a) - i, len(b) - i})
	}
	return pairs
}

// longest finds a longest common subsequence.
func longest(a, b [][]byte) (pairs [][2]int) {
	lengths := make([][]int32, len(a)+1) // of what is common to a[i:] and b[j:]
	for i := range lengths {
		lengths[i] = make([]int32, len(b)+1)
	}
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if sameEvent(a[i], b[j]) {
				lengths[i][j] = lengths[i+1][j+1] + 1
			} else {
				lengths[i][j] = max(lengths[i+1][j], lengths[i][j+1])
			}
		}
	}
	for i, j := 0, 0; i < len(a) && j < len(b); {
		switch {
		case sameEvent(a[i], b[j]):
			pairs = append(pairs, [2]int{i, j})
			i, j = i+1, j+1
		case lengths[i+1][j] >= lengths[i][j+1]:
			i++
		default:
			j++
		}
	}
	return pairs
}

// appendGap pairs events between two matches by their kinds, in order, and appends what differs.
func appendGap(all []Change, recorded, replayed *journal.Record, a, b [][]byte, fromA, fromB int) []Change {
	has := func(list [][]byte, kind []byte) bool {
		for _, frame := range list {
			if wire.EventKind(frame) == wire.EventKind(kind) {
				return true
			}
		}
		return false
	}
	for i, j := 0, 0; i < len(a) || j < len(b); {
		var c Change
		pair := i < len(a) && j < len(b) && wire.EventKind(a[i]) == wire.EventKind(b[j])
		onlyReplayed := i == len(a) || j < len(b) && !pair && has(b[j:], a[i])
		if pair && sameEvent(a[i], b[j]) {
			i, j = i+1, j+1
			continue
		}
		if pair || !onlyReplayed {
			c.Recorded = describe(recorded.FirstSeq+uint64(fromA+i), a[i])
			i++
		}
		if pair || onlyReplayed {
			c.Replayed = describe(replayed.FirstSeq+uint64(fromB+j), b[j])
			j++
		}
		all = append(all, c)
	}
	return all
}

// FieldChange is a field of an event that came out differently.
type FieldChange struct{ Name, Recorded, Replayed string }

// Differing returns the fields that differ, if both events are there.
func (c *Change) Differing() []FieldChange {
	if c.Recorded == nil || c.Replayed == nil {
		return nil
	}
	var all []FieldChange
	for _, f := range c.Recorded.Fields {
		if other := c.Replayed.value(f.Name); other != f.Value {
			all = append(all, FieldChange{f.Name, f.Value, other})
		}
	}
	return all
}
