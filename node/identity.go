package node

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"time"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/replica"
	"github.com/hustings/hustings/vfs"
)

// identityFile says which incarnation of its node a data directory is, and with whom it has founded the exchange. A
// directory is given its incarnation before anybody hears of it, so that a disk which was lost is never taken for its
// successor: the members know each other's replicas by it.
const identityFile = "identity.json"

type identity struct {
	Incarnation uint64    `json:"incarnation"`
	First       []founder `json:"first,omitempty"` // with whom the exchange was founded; empty: it was there before, or is not yet

	// Begins is the version of the rules with which the exchange begins: the greatest that all founders said they know. 0: the operator
	// switches them on.
	Begins uint32 `json:"begins,omitempty"`

	// Shards are the further ones that were founded with this directory.
	Shards []founding `json:"shards,omitempty"`

	// Seizing are the shards that the replicas here are about to begin anew.
	Seizing []seizing `json:"seizing,omitempty"`

	// Seized is who had to begin which shards anew when this generation began.
	Seized []seizing `json:"seized,omitempty"`
}

// rewrite writes the identity with which the node starts next.
func (m *member) rewrite(edit func(*identity)) (*identity, error) {
	m.written.Lock()
	defer m.written.Unlock()
	next := m.next
	edit(&next)
	if err := next.write(m.fsys, m.dir); err != nil {
		return nil, err
	}
	m.next = next
	return &next, nil
}

// founding says with whom a shard was founded.
type founding struct {
	Shard exchange.ShardID `json:"shard"`
	First []founder        `json:"first"`
}

// founder is one of the first members.
type founder struct {
	Node        uint16 `json:"node"`
	Incarnation uint64 `json:"incarnation"`
	Address     string `json:"address"`
}

func (f founder) replica() replica.ID { return replica.NewID(f.Node, f.Incarnation) }

// members are the first members of a shard, none if it was founded without this directory.
func (i *identity) members(shard exchange.ShardID) (m replica.Members) {
	first := i.First
	if shard != exchange.HomeShard {
		first = nil
		for _, f := range i.Shards {
			if f.Shard == shard {
				first = f.First
			}
		}
	}
	for _, f := range first {
		m = append(m, replica.Member{Replica: f.replica(), Role: replica.Voter, Wanted: replica.Voter, Address: f.Address})
	}
	return m.Sorted()
}

// openIdentity reads the identity of a directory, and gives it one at the first start. What an exchange of one machine has
// left goes on as the first member of a larger one.
func openIdentity(fsys vfs.FS, dir string, c *Cluster) (*identity, error) {
	path := filepath.Join(dir, identityFile)
	text, err := vfs.ReadFile(fsys, path)
	if err == nil {
		i := &identity{}
		if err := json.Unmarshal(text, i); err != nil {
			return nil, fmt.Errorf("reading %s: %w", path, err)
		}
		return i, nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	i := &identity{}
	there, err := ShardsIn(fsys, dir)
	if err != nil {
		return nil, err
	}
	if len(there) > 0 {
		if c.Node != 1 {
			return nil, fmt.Errorf("%s is of an exchange on one machine: it can only go on as node 1", dir)
		}
		i.First = []founder{{Node: 1, Address: c.Listen}}
		for _, id := range there[1:] {
			i.Shards = append(i.Shards, founding{id, i.First})
		}
	} else {
		var b [8]byte
		if _, err := rand.Read(b[:]); err != nil {
			return nil, err
		}
		i.Incarnation = binary.LittleEndian.Uint64(b[:]) & replica.MostIncarnation
	}
	return i, i.write(fsys, dir)
}

func (i *identity) write(fsys vfs.FS, dir string) error {
	text, err := json.MarshalIndent(i, "", "  ")
	if err != nil {
		return err
	}
	return vfs.WriteFile(fsys, filepath.Join(dir, identityFile), append(text, '\n'))
}

// found finds out whether the exchange is to be founded, has been without this node's directory, or is being founded with
// it. A new exchange begins once all its first members are there and none of them belongs to one already. A node that is not
// among the founders then must be added by somebody.
func (m *member) found(ctx context.Context) error {
	if len(m.identity.Load().First) > 0 || len(m.survivors()) > 0 {
		return nil
	}
	if _, err := m.fsys.Stat(ShardDir(m.dir, exchange.HomeShard)); err == nil { // it has joined
		return nil
	}
	said := time.Time{}
	for {
		s := m.survey(ctx)
		switch {
		case s.others != nil:
			now, err := m.enter(s.others)
			if err == nil {
				m.identity.Store(now)
			}
			return err
		case s.first != nil:
			founded, err := m.rewrite(func(i *identity) { i.First, i.Begins = s.first, s.begins })
			if err != nil {
				return err
			}
			m.identity.Store(founded)
			m.log.Info("the exchange is founded", "members", len(s.first), "rules", max(int(s.begins), exchange.FirstRules))
			return nil
		case time.Since(said) > 5*time.Second:
			said = time.Now()
			m.log.Info("waits for the first members to found the exchange", "nodes", s.waiting)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// survey is what the first members say of themselves.
type survey struct {
	first   []founder    // with whom to found the exchange, if that can be
	begins  uint32       // the version of the rules that they begin with
	others  *helloAnswer // what one says if the exchange was founded without this directory
	waiting []uint16     // those that did not answer
}

// survey asks all first members who they are.
func (m *member) survey(ctx context.Context) (s survey) {
	self, listed := founder{m.config.Node, m.identity.Load().Incarnation, m.config.Listen}, false
	first, begins := []founder(nil), uint32(m.rules)
	for _, c := range m.config.Members {
		if c.Node == self.Node {
			self.Address, listed = c.Address, true
			first = append(first, self)
			continue
		}
		answer, err := m.hello(ctx, c.Node)
		if err != nil {
			s.waiting = append(s.waiting, c.Node)
			continue
		}
		for _, f := range answer.First {
			if f.replica() == self.replica() {
				return survey{first: answer.First, begins: answer.Begins}
			}
		}
		if len(answer.First) > 0 || answer.Joined {
			return survey{others: &answer}
		}
		first, begins = append(first, founder{c.Node, answer.Incarnation, c.Address}), min(begins, answer.Begins)
	}
	if len(s.waiting) == 0 && listed {
		s.first, s.begins = first, begins
	}
	return s
}
