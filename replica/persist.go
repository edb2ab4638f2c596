package replica

import (
	"sort"
	"sync"
	"sync/atomic"
	"time"

	"go.etcd.io/raft/v3/raftpb"

	"github.com/hustings/hustings/wal"
)

// persister writes to the log what the consensus asks for. It gathers all requests that wait, so that one sync serves
// them all, and reports each as done only after it.
type persister struct {
	r        *Replica
	requests chan *raftpb.Message
	hard     hardState // written last
	begun    bool      // the gathered write has begun
	payload  []byte
	places   places
	syncing  atomic.Int64 // since when a write has been under way, in nanoseconds since the epoch; 0: none is
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
	for n := len(p.list); n > 1 && p.list[n-1].index >= index; n-- { // another leader's entries took their place
		p.list = p.list[:n-1]
	}
	if n := len(p.list); n == 1 && p.list[0].index >= index {
		p.list[0].index = index // what was before is read as well, and displaced
		return
	}
	p.list = append(p.list, place{index, position})
}

// restart forgets all places: the log is needed from a position on, where entries behind an index are going to be.
func (p *places) restart(index uint64, position wal.Position) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.list = append(p.list[:0], place{index + 1, position})
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
	for m := range p.requests {
		if err := p.persist(p.gather(m)); err != nil {
			p.r.fail(err)
			for range p.requests { // nothing is acknowledged any more
			}
			return
		}
	}
}

// gather returns a request with all that wait behind it.
func (p *persister) gather(m *raftpb.Message) []*raftpb.Message {
	gathered := []*raftpb.Message{m}
	for {
		select {
		case m, open := <-p.requests:
			if !open {
				return gathered
			}
			gathered = append(gathered, m)
		default:
			return gathered
		}
	}
}

// persist makes requests durable and reports them done.
func (p *persister) persist(gathered []*raftpb.Message) error {
	for i, m := range gathered {
		if m.Snapshot == nil {
			continue
		}
		if err := p.write(gathered[:i]); err != nil {
			return err
		}
		if err := p.install(m); err != nil {
			return err
		}
		return p.persist(gathered[i+1:])
	}
	return p.write(gathered)
}

// write makes requests durable that hold no snapshot, and reports them done.
func (p *persister) write(gathered []*raftpb.Message) error {
	first, needsSync := uint64(0), false
	for _, m := range gathered {
		for _, e := range m.GetEntries() {
			if first == 0 || e.GetIndex() < first {
				first = e.GetIndex()
			}
			p.payload = appendEntry(p.payload[:0], e)
			if err := p.append(recordEntry); err != nil {
				return err
			}
		}
		if m.Term != nil {
			p.hard = hardStateOf(m)
			if err := p.appendHardState(); err != nil {
				return err
			}
		}
		needsSync = needsSync || len(m.GetResponses()) > 0
	}
	if needsSync {
		position, err := p.sync()
		if err != nil {
			return err
		}
		if first > 0 {
			p.places.add(first, position)
		}
	}
	return p.report(gathered)
}

// sync makes durable what was written, and returns where it begins.
func (p *persister) sync() (wal.Position, error) {
	begun := time.Now()
	p.syncing.Store(begun.UnixNano())
	position, err := p.r.wal.Sync()
	p.syncing.Store(0)
	if err == nil {
		p.r.config.Observe(StageFsync, time.Since(begun))
	}
	p.begun = false
	return position, err
}

// Syncing is how long the write of the log has taken so far that is under way; 0 if none is.
func (r *Replica) Syncing() time.Duration {
	if since := r.persister.syncing.Load(); since != 0 {
		return max(1, time.Duration(time.Now().UnixNano()-since))
	}
	return 0
}

// append writes a record. The first one of a gathered write is the hard state.
func (p *persister) append(kind uint8) error {
	if !p.begun {
		p.begun = true
		head := wal.Record{Type: recordHardState, Shard: uint32(p.r.config.Shard), Payload: p.hard.append(nil)}
		if err := p.r.wal.Append(head); err != nil {
			return err
		}
	}
	return p.r.wal.Append(wal.Record{Type: kind, Shard: uint32(p.r.config.Shard), Payload: p.payload})
}

func (p *persister) appendHardState() error {
	p.begun = true
	p.payload = p.hard.append(p.payload[:0])
	return p.append(recordHardState)
}

// report lets the consensus see what is durable now.
func (p *persister) report(gathered []*raftpb.Message) error {
	for _, m := range gathered {
		if m.Term != nil {
			if err := p.r.storage.SetHardState(hardStateOf(m).proto()); err != nil {
				return err
			}
		}
		if err := p.r.storage.Append(m.GetEntries()); err != nil {
			return err
		}
		p.r.inbox.put(m.GetResponses()...)
	}
	return nil
}

// install makes the snapshot of another replica the one that this one begins with, and its state the one here.
func (p *persister) install(m *raftpb.Message) error {
	if m.Term != nil {
		p.hard = hardStateOf(m)
	}
	index := m.GetSnapshot().GetMetadata().GetIndex()
	p.begun = true
	p.payload = le.AppendUint64(p.hard.append(p.payload[:0]), index)
	if err := p.append(recordRestart); err != nil {
		return err
	}
	position, err := p.sync()
	if err != nil {
		return err
	}
	if err := p.r.fetcher.adopt(index, position); err != nil {
		return err
	}
	p.places.restart(index, position)
	if err := p.r.storage.ApplySnapshot(m.GetSnapshot()); err != nil {
		return err
	}
	m.Snapshot = nil
	return p.write([]*raftpb.Message{m}) // what goes on behind it
}
