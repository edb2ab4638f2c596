package replica

import (
	"slices"

	"go.etcd.io/raft/v3/raftpb"
	"google.golang.org/protobuf/proto"
)

// recent is the end of what a recovery has applied, so that a member which is a little behind needs no snapshot because the
// leader has just started.
type recent struct {
	index, term uint64 // of the entry before the first one
	entries     []*raftpb.Entry
	bytes       int
}

// A recovery keeps less than a running replica: what is behind for longer than this takes needs more than a moment anyway.
const (
	recoveredEntries = keptEntries / 4
	recoveredBytes   = keptBytes / 4
)

// add takes in an entry, and copies its data.
func (r *recent) add(e entry) {
	e.data = slices.Clone(e.data)
	r.entries = append(r.entries, e.proto())
	r.bytes += len(e.data)
	if len(r.entries) <= recoveredEntries && r.bytes <= recoveredBytes {
		return
	}
	drop := 0 // some more than needed, so that they are not moved for every entry
	for len(r.entries)-drop > recoveredEntries*3/4 || r.bytes > recoveredBytes*3/4 {
		r.bytes -= len(r.entries[drop].GetData())
		r.index, r.term = r.entries[drop].GetIndex(), r.entries[drop].GetTerm()
		drop++
	}
	r.entries = append(r.entries[:0], r.entries[drop:]...)
}

// snapshot is what the consensus takes for its snapshot: the entries follow it.
func (r *recent) snapshot(members Members) *raftpb.Snapshot {
	return &raftpb.Snapshot{Metadata: &raftpb.SnapshotMetadata{
		Index: proto.Uint64(r.index), Term: proto.Uint64(r.term), ConfState: members.confState()}}
}
