package replica

import (
	"context"
	"errors"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/shard"
)

// manualWaiting is how many requests of each kind may wait in a replica that is driven by hand.
const manualWaiting = 1 << 14

// Manual is a replica that starts no goroutine for its work. Whoever opened it says what is done when, so that a
// simulation can bring about any order of events, and the same one again. It runs the same code as one that works by
// itself: each method does what one of those goroutines would do next. Nothing of it may be called concurrently, and the
// methods of Replica that wait for something must not be called at all.
type Manual struct {
	*Replica
	loop        *loop
	watch       func(Applied)
	unpublished []publication
	unwritten   func() // the snapshot to be written
}

// Applied is what executing an entry did. It is valid until the function that is told it returns.
type Applied struct {
	Index, Term uint64
	Batch       []byte
	*shard.Output
}

// Waiting says which steps have something to do.
type Waiting struct{ Work, Persist, Apply, Publish, Snapshot, Fetch bool }

// OpenManual is Open for a replica that is driven by hand. Watch is told of each batch that is executed, also of those
// that recovery replays.
func OpenManual(config Config, watch func(Applied)) (*Manual, error) {
	m := &Manual{watch: watch}
	if _, err := openWith(config, m); err != nil {
		return nil, err
	}
	return m, nil
}

func (m *Manual) applied(index, term uint64, batch []byte, out *shard.Output) {
	m.watch(Applied{index, term, batch, out})
}

// Waiting tells what there is to do.
func (m *Manual) Waiting() Waiting {
	return Waiting{
		Work:     len(m.inbox.ready) > 0 || len(m.queue.ready) > 0,
		Persist:  len(m.persister.requests) > 0,
		Apply:    len(m.applier.requests) > 0 || len(m.applier.demand) > 0,
		Publish:  len(m.unpublished) > 0,
		Snapshot: m.unwritten != nil,
		Fetch:    len(m.fetcher.wake) > 0,
	}
}

// Tick passes the time of a heartbeat, and then does as Work.
func (m *Manual) Tick() {
	m.loop.tick()
	m.Work()
}

// Work lets the consensus take in what has come, and propose what waits.
func (m *Manual) Work() {
	if m.Err() != nil {
		return
	}
	for _, c := range []chan struct{}{m.inbox.ready, m.queue.ready} {
		select {
		case <-c:
		default:
		}
	}
	m.loop.collect()
	m.loop.turn()
}

// Persist writes and syncs what waits for the log, in one gathered write.
func (m *Manual) Persist() {
	if m.Err() != nil || len(m.persister.requests) == 0 {
		return
	}
	gathered := m.persister.gather(<-m.persister.requests)
	for _, request := range gathered {
		if request.Snapshot != nil {
			m.WriteSnapshot() // the state is not replaced while it is being written
		}
	}
	if err := m.persister.persist(gathered); err != nil {
		m.fail(err)
	}
}

// Apply applies what is committed next, or begins a snapshot that another member waits for.
func (m *Manual) Apply() {
	switch {
	case m.Err() != nil:
	case len(m.applier.demand) > 0:
		<-m.applier.demand
		m.applier.snapshotFor(m.storage.members.Load())
	case len(m.applier.requests) > 0:
		if err := m.applier.apply(<-m.applier.requests); err != nil {
			m.fail(err)
		}
	}
}

// Publish publishes all events that wait.
func (m *Manual) Publish() {
	for len(m.unpublished) > 0 {
		next := m.unpublished[0]
		m.unpublished = m.unpublished[1:]
		m.publisher.next(next)
	}
}

// WriteSnapshot writes the snapshot that was begun, if one was.
func (m *Manual) WriteSnapshot() {
	write := m.unwritten
	if m.unwritten = nil; write == nil {
		return
	}
	m.Publish()
	write()
	m.applier.thawed(<-m.applier.thaw)
}

// State returns the state machine, for reading, and the index of the last entry applied to it. Nothing of it may be frozen
// if Frozen is true.
func (m *Manual) State() (s *shard.Shard, index uint64) { return m.applier.shard, m.applier.index }

// Frozen reports whether a snapshot is under way.
func (m *Manual) Frozen() bool { return m.applier.freezing }

// WriteMarket is WriteMarket of Replica at once, with parts of a size in bytes. It publishes what waits.
func (m *Manual) WriteMarket(id exchange.MarketID, size int) [][]byte {
	if m.Err() != nil {
		return nil
	}
	c := &marketCopy{id, size, make(chan [][]byte, 1)}
	m.applier.copyMarket(c)
	m.Publish()
	return <-c.parts
}

// Leads reports whether this replica leads, as the consensus sees it, and in which term.
func (m *Manual) Leads() (leads bool, term uint64) {
	return m.loop.leads, m.loop.node.BasicStatus().GetTerm()
}

// Voters returns who votes as the consensus sees it, which hears of a change a step later than it is applied.
func (m *Manual) Voters() []ID { return m.loop.voters() }

// Members returns the members of the group as of the last entry applied.
func (m *Manual) Members() Members { return m.storage.members.Load().Members }

// Log returns the index of the first and the last entry of the log that are durable and at hand.
func (m *Manual) Log() (first, last uint64) {
	first, _ = m.storage.FirstIndex()
	last, _ = m.storage.LastIndex()
	return first, last
}

// Term returns the term of an entry of the log, or 0 if it is not at hand.
func (m *Manual) Term(index uint64) uint64 {
	term, err := m.storage.Term(index)
	if err != nil {
		return 0
	}
	return term
}

// Submission is commands that were submitted by hand.
type Submission struct {
	m       *Manual
	s       *submission
	Replies []exchange.Reply // once it is answered
}

// Send is Submit without waiting.
func (m *Manual) Send(commands []byte, n int) (*Submission, error) {
	s := &submission{commands: commands, count: n, replies: make([]exchange.Reply, n), done: make(chan error, 1)}
	if err := m.queue.put(s); err != nil {
		return nil, err
	}
	return &Submission{m, s, s.replies}, nil
}

// Answered reports whether the commands were answered, and the error of Submit.
func (s *Submission) Answered() (ok bool, err error) {
	select {
	case err := <-s.s.done:
		return true, err
	default:
		return false, nil
	}
}

// Abandon gives up waiting. It reports whether it came before the answer.
func (s *Submission) Abandon() bool { return s.m.queue.abandon(s.s) != answered }

// Read is a fresh read that was begun by hand.
type Read struct {
	m      *Manual
	answer chan uint64
	index  uint64
}

// Ask is Fresh without waiting.
func (m *Manual) Ask() *Read {
	r := &Read{m: m, answer: make(chan uint64, 1)}
	m.inbox.read(r.answer)
	return r
}

// Ready reports whether the read model shows everything that was acknowledged before the read began.
func (r *Read) Ready() bool {
	if r.index == 0 {
		select {
		case r.index = <-r.answer:
		default:
			return false
		}
	}
	index, seq := r.m.progress.get()
	return index >= r.index && r.m.view.Seq() >= seq
}

// Index is that of the entry up to which a read that is Ready is told of everything.
func (r *Read) Index() uint64 { return r.index }

// Add is the next step of AddMember, without waiting: it removes an older replica of the same node if there is one, and
// otherwise adds the member.
func (m *Manual) Add(member Member) <-chan error {
	return m.begin(func(l *loop, done chan error) {
		l.change(func(now Members) (ID, Members, error) {
			id, to, _, err := member.joins(now)
			return id, to, err
		}, done)
	})
}

// Remove is RemoveMember without waiting.
func (m *Manual) Remove(id ID) <-chan error {
	return m.begin(func(l *loop, done chan error) { l.change(id.leaves, done) })
}

// SetRole is SetRole of Replica without waiting.
func (m *Manual) SetRole(id ID, role Role) <-chan error {
	return m.begin(func(l *loop, done chan error) {
		l.change(id.becomes(func(m *Member) { m.Role, m.Wanted = role, role }), done)
	})
}

// SetSynchronous is SetSynchronous of Replica without waiting.
func (m *Manual) SetSynchronous(id ID, synchronous bool) <-chan error {
	return m.begin(func(l *loop, done chan error) {
		l.change(id.becomes(func(m *Member) { m.Synchronous = synchronous }), done)
	})
}

// Give is HandOver without waiting for the other one to lead.
func (m *Manual) Give(to ID) <-chan error {
	return m.begin(func(l *loop, done chan error) { l.handOver(to, done) })
}

func (m *Manual) begin(do func(*loop, chan error)) <-chan error {
	done := make(chan error, 1)
	m.inbox.do(func(l *loop) { do(l, done) })
	return done
}

// Fetch fetches the snapshot that was offered last.
func (m *Manual) Fetch() {
	select {
	case <-m.fetcher.wake:
		m.fetcher.next(context.Background())
	default:
	}
}

// Stop closes everything without finishing what was taken, as if the process had ended.
func (m *Manual) Stop() error {
	if !m.closing.CompareAndSwap(false, true) {
		return errors.New("replica: closed twice")
	}
	close(m.stop)
	m.queue.stop(ErrStopping, true)
	m.pending.fail(ErrLost)
	return errors.Join(m.journal.Close(), m.wal.Close(), m.lock.Close())
}

// Promised returns the term and the vote in it that are durable; 0 is no vote.
func (m *Manual) Promised() (term, vote uint64) {
	hard, _, _ := m.storage.InitialState()
	return hard.GetTerm(), hard.GetVote()
}
