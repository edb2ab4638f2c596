package replica

import (
	"encoding/binary"
	"errors"

	"go.etcd.io/raft/v3/raftpb"
	"google.golang.org/protobuf/proto"
)

// What the log keeps of a shard, little-endian:
//
//	type 1, entry:       term u64 │ index u64 │ kind u8 │ data
//	type 2, hard state:  term u64 │ vote u64  │ commit u64
//	type 3, restart:     term u64 │ vote u64  │ commit u64 │ index u64
//
// Whatever is written at once begins with the hard state, so that reading may begin there. Restart says that a snapshot of
// another replica takes the place of the entries up to an index, of which some are not in the log. The snapshot becomes
// valid after the record; without it the record is only a hard state.
const (
	recordEntry     = 1
	recordHardState = 2
	recordRestart   = 3

	entryHead     = 17
	hardStateSize = 24
	restartSize   = hardStateSize + 8
)

var le = binary.LittleEndian

var errRecord = errors.New("a record of the log is too short for its type")

func appendEntry(buf []byte, e *raftpb.Entry) []byte {
	buf = le.AppendUint64(buf, e.GetTerm())
	buf = le.AppendUint64(buf, e.GetIndex())
	buf = append(buf, byte(e.GetType()))
	return append(buf, e.GetData()...)
}

// entry is a log entry as it was read. Its data alias what it was read from.
type entry struct {
	term, index uint64
	kind        raftpb.EntryType
	data        []byte
}

func readEntry(b []byte) (entry, error) {
	if len(b) < entryHead {
		return entry{}, errRecord
	}
	return entry{le.Uint64(b), le.Uint64(b[8:]), raftpb.EntryType(b[16]), b[entryHead:]}, nil
}

func (e entry) proto() *raftpb.Entry {
	return &raftpb.Entry{Term: proto.Uint64(e.term), Index: proto.Uint64(e.index), Type: e.kind.Enum(), Data: e.data}
}

// hardState is what a replica must not forget of its votes.
type hardState struct{ term, vote, commit uint64 }

func (h hardState) append(buf []byte) []byte {
	buf = le.AppendUint64(buf, h.term)
	buf = le.AppendUint64(buf, h.vote)
	return le.AppendUint64(buf, h.commit)
}

func readHardState(b []byte) (h hardState, err error) {
	if len(b) < hardStateSize {
		return h, errRecord
	}
	return hardState{le.Uint64(b), le.Uint64(b[8:]), le.Uint64(b[16:])}, nil
}

// hardStateOf returns what a message asks to make durable.
func hardStateOf(m *raftpb.Message) hardState {
	return hardState{m.GetTerm(), m.GetVote(), m.GetCommit()}
}

func (h hardState) proto() *raftpb.HardState {
	return &raftpb.HardState{Term: proto.Uint64(h.term), Vote: proto.Uint64(h.vote), Commit: proto.Uint64(h.commit)}
}
