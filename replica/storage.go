package replica

import (
	"fmt"
	"sync/atomic"

	"go.etcd.io/raft/v3"
	"go.etcd.io/raft/v3/raftpb"
	"google.golang.org/protobuf/proto"
)

// A replica keeps so much of the log in memory behind what it has applied, or fewer entries if that is configured, for
// members that are a little behind. Whoever is further behind gets a snapshot.
const (
	keptEntries = 1 << 16
	keptBytes   = 128 << 20
)

// storage is what the consensus can look up: the end of the log in memory, and which snapshot there is.
type storage struct {
	*raft.MemoryStorage
	newest  atomic.Pointer[snapshotInfo]
	members atomic.Pointer[memberChange]
	demand  func() // asks for a snapshot

	alone bool
	kept  int   // entries
	sizes []int // bytes of the entries that are kept and applied, oldest first
	bytes int   // their sum
}

// snapshotInfo is what others need to know of a snapshot file.
type snapshotInfo struct {
	index, term, seq uint64
	members          Members
}

// memberChange is the members since an entry.
type memberChange struct {
	Members
	index uint64
}

// Snapshot tells the consensus of a snapshot that a member which lacks entries can begin with. If the newest would not do
// it asks for another one.
func (s *storage) Snapshot() (*raftpb.Snapshot, error) {
	first, err := s.FirstIndex()
	if err != nil {
		return nil, err
	}
	info, members := s.newest.Load(), s.members.Load()
	if info == nil || info.index+1 < first || info.index < members.index {
		s.demand()
		return nil, raft.ErrSnapshotTemporarilyUnavailable
	}
	return info.proto(), nil
}

func (i *snapshotInfo) proto() *raftpb.Snapshot {
	return &raftpb.Snapshot{Data: le.AppendUint64(nil, i.seq), Metadata: &raftpb.SnapshotMetadata{
		Index: proto.Uint64(i.index), Term: proto.Uint64(i.term), ConfState: i.members.confState()}}
}

// applied lets go of what nobody is going to ask for, now that the entries up to index are applied, the last of them of
// the given sizes.
func (s *storage) applied(index uint64, sizes ...int) error {
	if s.alone {
		return s.compact(index)
	}
	for _, size := range sizes {
		s.sizes = append(s.sizes, size)
		s.bytes += size
	}
	if len(s.sizes) <= s.kept && s.bytes <= keptBytes {
		return nil
	}
	drop := 0
	for len(s.sizes)-drop > s.kept*3/4 || s.bytes > keptBytes*3/4 {
		s.bytes -= s.sizes[drop]
		drop++
	}
	s.sizes = append(s.sizes[:0], s.sizes[drop:]...)
	return s.compact(index - uint64(len(s.sizes)))
}

func (s *storage) compact(index uint64) error {
	first, err := s.FirstIndex()
	if err != nil || index < first {
		return err
	}
	if err := s.Compact(index); err != nil {
		return fmt.Errorf("compacting the log in memory at %d: %w", index, err)
	}
	return nil
}

// keep takes in entries that are applied already.
func (s *storage) keep(entries []*raftpb.Entry) error {
	for _, e := range entries {
		s.sizes = append(s.sizes, len(e.GetData()))
		s.bytes += len(e.GetData())
	}
	return s.Append(entries)
}

// forget lets go of the sizes of entries that a snapshot has taken the place of.
func (s *storage) forget() { s.sizes, s.bytes = nil, 0 }
