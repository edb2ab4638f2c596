package replica

import (
	"sort"
	"sync"
	"time"

	"go.etcd.io/raft/v3/raftpb"

	"github.com/hustings/hustings/wal"
)

// persister writes to the log what the consensus asks for. It gathers all requests that wait, so that one sync serves
// them all, and reports each as done only after it.
type persister struct {
	r        *Replica
	requests chan *raftpb.Message
	payload  []byte
	places   places
}

// places remembers where in the log entries are, so that a snapshot can say from where on the log is needed.
type places struct {
	mu   sync.Mutex
	list []place
}

type place struct {
	index    uint64 // first entry of a gathered write
	position wal.Position
}

func (p *places) add(index uint64, position wal.Position) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.list = append(p.list, place{index, position})
}

// of returns a position from which all entries behind an index are found, and forgets what is not needed for later ones.
// The index must not be less than that of the call before, or of the snapshot that the replica began with.
func (p *places) of(index uint64) wal.Position {
	p.mu.Lock()
	defer p.mu.Unlock()
	i := sort.Search(len(p.list), func(i int) bool { return p.list[i].index > index+1 })
	p.list = append(p.list[:0], p.list[i-1:]...)
	return p.list[0].position
}

func (p *persister) run() {
	defer p.r.threads.Done()
	var gathered []*raftpb.Message
	for m := range p.requests {
		gathered = append(gathered[:0], m)
		for more := true; more; {
			select {
			case m, open := <-p.requests:
				if more = open; open {
					gathered = append(gathered, m)
				}
			default:
				more = false
			}
		}
		if err := p.persist(gathered); err != nil {
			p.r.fail(err)
			for range p.requests { // nothing is acknowledged any more
			}
			return
		}
	}
}

// persist makes requests durable and reports them done.
func (p *persister) persist(gathered []*raftpb.Message) error {
	first, needsSync := uint64(0), false
	for _, m := range gathered {
		for _, e := range m.GetEntries() {
			if first == 0 {
				first = e.GetIndex()
			}
			p.payload = appendEntry(p.payload[:0], e)
			if err := p.append(recordEntry); err != nil {
				return err
			}
		}
		if m.Term != nil {
			h := hardState{m.GetTerm(), m.GetVote(), m.GetCommit()}
			p.payload = h.append(p.payload[:0])
			if err := p.append(recordHardState); err != nil {
				return err
			}
		}
		needsSync = needsSync || len(m.GetResponses()) > 0
	}
	if needsSync {
		begun := time.Now()
		position, err := p.r.wal.Sync()
		if err != nil {
			return err
		}
		p.r.config.Observe(StageFsync, time.Since(begun))
		if first > 0 {
			p.places.add(first, position)
		}
	}
	return p.report(gathered)
}

func (p *persister) append(kind uint8) error {
	return p.r.wal.Append(wal.Record{Type: kind, Shard: shardID, Payload: p.payload})
}

// report lets the consensus see what is durable now.
func (p *persister) report(gathered []*raftpb.Message) error {
	for _, m := range gathered {
		if m.Term != nil {
			h := hardState{m.GetTerm(), m.GetVote(), m.GetCommit()}
			if err := p.r.storage.SetHardState(h.proto()); err != nil {
				return err
			}
		}
		if err := p.r.storage.Append(m.GetEntries()); err != nil {
			return err
		}
		p.r.inbox.put(m.GetResponses(), 0)
	}
	return nil
}
