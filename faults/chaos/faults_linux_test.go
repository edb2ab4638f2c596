package chaos

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/client"
	"github.com/hustings/hustings/faults/hosts"
)

// scene is what a fault is given to do its harm.
type scene struct {
	context.Context
	*run
	random *rand.Rand
	leader *member
	length time.Duration // how long the fault is to last
}

// fault does harm to the cluster. What it leaves behind that fleet.mend does not know of, it mends itself. A fault that
// did not come about is an error.
type fault struct {
	class string
	harm  func(*scene) error
}

var faults = []fault{
	{"kill the leader", func(s *scene) error { return s.kill(s.leader) }},
	{"kill another shard's leader", func(s *scene) error {
		leader, err := s.run.leader(s, uint32(home+1+s.random.IntN(s.shards.count()-home)))
		if err != nil {
			return err
		}
		return s.kill(leader)
	}},
	{"kill a follower", func(s *scene) error { return s.kill(s.follower()) }},
	{"kill all at once", func(s *scene) error { return s.kill(s.members...) }},
	{"power cut of all", (*scene).cutPower},
	{"restart in order", (*scene).restart},
	{"hand over the lead", (*scene).handOver},
	{"pause the leader", func(s *scene) error { return s.pause(s.leader) }},
	{"pause a follower", func(s *scene) error { return s.pause(s.follower()) }},
	{"leader off the network", func(s *scene) error {
		others := s.others(s.leader)
		return s.cut(append(both(s.leader.Number, others...), both(s.leader.Number, 0)...))
	}},
	{"leader apart, clients not", func(s *scene) error { return s.cut(both(s.leader.Number, s.others(s.leader)...)) }},
	{"leader is not heard", func(s *scene) error { return s.cut(oneWay(s.leader.Number, s.others(s.leader)...)) }},
	{"leader does not hear", func(s *scene) error { return s.cut(reverse(oneWay(s.leader.Number, s.others(s.leader)...))) }},
	{"leader and one apart", func(s *scene) error { return s.cut(both(s.leader.Number, s.follower().Number)) }},
	{"follower apart, clients not", func(s *scene) error {
		f := s.follower()
		return s.cut(both(f.Number, s.others(f)...))
	}},
	{"bad network", (*scene).badNetwork},
	{"slow disk", (*scene).slowDisk},
	{"full disk", (*scene).fullDisk},
	{"lost disk", (*scene).loseDisk},
	{"node replaced", (*scene).replaceNode},
	{"clock jump", (*scene).clockJump},
	{"shard added within another", (*scene).addWithin},
	{"shard drained within another", (*scene).drainWithin},
}

// classes are those that HUSTINGS_CHAOS_FAULTS names, separated by ";", or all.
func classes() []string {
	if only := os.Getenv("HUSTINGS_CHAOS_FAULTS"); only != "" {
		return strings.Split(only, ";")
	}
	var all []string
	for _, f := range faults {
		all = append(all, f.class)
	}
	return all
}

func (s *scene) follower() *member {
	for {
		if m := s.members[s.random.IntN(nodes)]; m != s.leader {
			return m
		}
	}
}

func (s *scene) anyone() *member { return s.members[s.random.IntN(nodes)] }

// others are the hosts of the other nodes.
func (s *scene) others(than *member) []int {
	var all []int
	for _, m := range s.members {
		if m != than {
			all = append(all, m.Number)
		}
	}
	return all
}

// last lets the fault last.
func (s *scene) last() error { return s.sleep(s.length) }

func (s *scene) sleep(d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-s.Done():
		return s.Err()
	}
}

func (s *scene) kill(members ...*member) error {
	var wait sync.WaitGroup
	errs := make([]error, len(members))
	for i, m := range members {
		wait.Go(func() { errs[i] = m.Kill() })
	}
	wait.Wait()
	return errors.Join(append(errs, s.sleep(s.length/2))...)
}

func (s *scene) cutPower() error {
	for _, m := range s.members {
		if err := m.disk.CutPower(); err != nil {
			return err
		}
	}
	if err := s.kill(s.members...); err != nil {
		return err
	}
	for _, m := range s.members {
		if err := errors.Join(m.disk.Unmount(), m.disk.Mount()); err != nil {
			return err
		}
	}
	return nil
}

func (s *scene) restart() error {
	ctx, cancel := context.WithTimeout(s, healing)
	defer cancel()
	return s.anyone().Shutdown(ctx)
}

func (s *scene) handOver() error {
	to := s.follower()
	return s.operate(s, client.Request{Method: http.MethodPost, Path: "/api/admin/cluster/leader", Body: api.HandOver{Node: uint16(to.Number)}}, nil)
}

func (s *scene) pause(m *member) error {
	if err := m.Stop(); err != nil {
		return err
	}
	return errors.Join(s.last(), m.Continue())
}

// direction is packets from one host to another.
type direction struct{ from, to int }

func oneWay(from int, to ...int) []direction {
	var all []direction
	for _, host := range to {
		all = append(all, direction{from, host})
	}
	return all
}

func reverse(all []direction) []direction {
	for i, d := range all {
		all[i] = direction{d.to, d.from}
	}
	return all
}

func both(host int, others ...int) []direction {
	return append(oneWay(host, others...), reverse(oneWay(host, others...))...)
}

func (s *scene) cut(directions []direction) error {
	before := s.wire.Counts().Cut
	for _, d := range directions {
		s.wire.Set(d.from, d.to, hosts.Path{Cut: true})
	}
	if err := s.last(); err != nil {
		return err
	}
	if s.wire.Counts().Cut == before {
		return fmt.Errorf("nothing was sent that the partition could have kept back: %v", directions)
	}
	return nil
}

func (s *scene) badNetwork() error {
	before := s.wire.Counts()
	path := hosts.Path{
		Delay: between(s.random, time.Millisecond, 30*time.Millisecond), Jitter: between(s.random, time.Millisecond, 20*time.Millisecond),
		Loss: 0.03 * s.random.Float64(), Duplicate: 0.02, Reorder: 0.05,
	}
	for from := range nodes {
		for to := range nodes {
			if from != to {
				s.wire.Set(from+1, to+1, path)
			}
		}
	}
	if err := s.last(); err != nil {
		return err
	}
	if after := s.wire.Counts(); after.Delayed == before.Delayed {
		return errors.New("nothing was sent that a bad network could have delayed")
	}
	return nil
}

// slowDisk makes one disk stand still again and again.
func (s *scene) slowDisk() error {
	disk := s.anyone().disk
	for end := time.Now().Add(s.length); ; {
		if err := disk.Freeze(); err != nil {
			return err
		}
		err := s.sleep(between(s.random, 5*time.Millisecond, 300*time.Millisecond))
		if err := errors.Join(err, disk.Thaw()); err != nil {
			return err
		}
		if time.Now().After(end) {
			return nil
		}
		if err := s.sleep(time.Duration(s.random.IntN(20)) * time.Millisecond); err != nil {
			return err
		}
	}
}

// fullDisk takes all room of a disk, for longer than it takes a node to notice.
func (s *scene) fullDisk() error {
	m := s.anyone()
	if err := m.disk.Fill(); err != nil {
		return err
	}
	end := time.Now().Add(s.length + time.Second)
	for time.Now().Before(end) && m.Running() {
		if err := s.sleep(10 * time.Millisecond); err != nil {
			return err
		}
	}
	// A node that goes on with a full disk would end at any later moment.
	return errors.Join(m.Kill(), m.disk.Empty())
}

// loseDisk takes everything from a node. It comes back as another replica, copies what the others have, and gets its vote
// back by itself.
func (s *scene) loseDisk() error {
	m := s.anyone()
	if err := errors.Join(m.Kill(), m.disk.Clear(), s.last(), m.Restart()); err != nil {
		return err
	}
	return s.waitVoter(m)
}

// replaceNode ends a membership and gives the node's number to a machine with an empty disk.
func (s *scene) replaceNode() error {
	m := s.anyone()
	const members = "/api/admin/cluster/members"
	remove := client.Request{Method: http.MethodDelete, Path: members + "/" + strconv.Itoa(m.Number)}
	add := client.Request{Method: http.MethodPost, Path: members, Body: api.AddMember{Node: uint16(m.Number), Peers: m.Peers, Role: api.Voter}}
	if err := errors.Join(m.Kill(), m.disk.Clear(), s.operate(s, remove, nil), s.last(), m.Restart()); err != nil {
		return err
	}
	if err := s.operate(s, add, nil); err != nil {
		return err
	}
	return s.waitVoter(m)
}

// waitVoter waits until a node has its vote in all shards.
func (s *scene) waitVoter(m *member) error {
	ctx, cancel := context.WithTimeout(s, healing)
	defer cancel()
	for {
		for _, c := range s.operator {
			all, err := statusOf(ctx, c)
			votes := func(o api.ClusterMember) bool { return int(o.Node) == m.Number && o.Role == api.Voter && o.Match > 0 }
			without := func(s api.ClusterShard) bool { return !slices.ContainsFunc(s.Members, votes) }
			if err == nil && len(all) == s.shards.count() && !slices.ContainsFunc(all, without) {
				return nil
			}
		}
		if ctx.Err() != nil {
			return fmt.Errorf("node %d gets no vote within %v", m.Number, healing)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// clockJump moves a node's clock by an hour, and back after a while.
func (s *scene) clockJump() error {
	m := s.anyone()
	if s.random.IntN(2) == 0 {
		m = s.leader
	}
	clock, err := hosts.NewClock(m.Pid())
	if err != nil {
		return err
	}
	defer clock.Close()
	jump := time.Hour
	if s.random.IntN(2) == 0 {
		jump = -jump
	}
	if err := clock.Shift(jump); err != nil {
		return err
	}
	return errors.Join(s.last(), clock.Shift(0))
}

// find returns the fault of a class.
func find(class string) fault {
	return faults[slices.IndexFunc(faults, func(f fault) bool { return f.class == class })]
}
