package watch

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hustings/hustings/exchange"
)

// journal is the records of a shard that there are, by their times, and how reading them ends.
type journal struct {
	times []exchange.Time
	asked int
	err   error
}

func (j *journal) next() (r Record, there bool, err error) {
	j.asked++
	if len(j.times) == 0 {
		return r, false, j.err
	}
	r.Time, j.times = j.times[0], j.times[1:]
	return r, true, nil
}

func (j *journal) lane(m *Merge, shard exchange.ShardID) {
	m.Add(shard, func() (Record, bool, error) {
		r, there, err := j.next()
		r.Shard = shard
		return r, there, err
	})
}

// given is what a Merge gives until there is nothing.
func given(t *testing.T, m *Merge) (order [][2]int) {
	t.Helper()
	for {
		r, there, err := m.Next()
		if err != nil {
			t.Fatal(err)
		}
		if !there {
			return order
		}
		order = append(order, [2]int{int(r.Shard), int(r.Time)})
	}
}

func TestMergeByLogTime(t *testing.T) {
	var m Merge
	one, two, three := &journal{times: []exchange.Time{1, 5, 5, 9}}, &journal{times: []exchange.Time{2, 5}}, &journal{}
	two.lane(&m, 2)
	three.lane(&m, 3)
	one.lane(&m, 1)
	want := [][2]int{{1, 1}, {2, 2}, {1, 5}, {1, 5}, {2, 5}, {1, 9}}
	if diff := cmp.Diff(want, given(t, &m)); diff != "" {
		t.Error(diff)
	}
	if three.asked != 1 {
		t.Errorf("a shard on which nothing happens was asked %d times", three.asked)
	}
	three.times, one.times = []exchange.Time{7}, []exchange.Time{8} // 7 is known only after 9
	if diff := cmp.Diff([][2]int{{3, 7}, {1, 8}}, given(t, &m)); diff != "" {
		t.Error(diff)
	}
}

// What cannot be read of one shard does not keep the others from being seen.
func TestMergeLeavesOutWhatFails(t *testing.T) {
	var m Merge
	broken, well := &journal{times: []exchange.Time{1}, err: errors.New("damaged")}, &journal{times: []exchange.Time{2, 3}}
	well.lane(&m, 1)
	broken.lane(&m, 2)
	if r, there, err := m.Next(); err != nil || !there || r.Shard != 2 {
		t.Fatal(r, there, err)
	}
	if r, there, err := m.Next(); !errors.Is(err, broken.err) || there || r.Shard != 2 {
		t.Errorf("%+v, %v, %v: not the error of shard 2", r, there, err)
	}
	if diff := cmp.Diff([][2]int{{1, 2}, {1, 3}}, given(t, &m)); diff != "" {
		t.Error(diff)
	}
	given(t, &m)
	if broken.asked != 2 {
		t.Errorf("a shard that cannot be read was asked %d times", broken.asked)
	}
}
