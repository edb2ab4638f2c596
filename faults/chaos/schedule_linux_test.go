package chaos

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// step is one fault of a schedule.
type step struct {
	number int
	class  string
	random *rand.Rand // for what else is to be drawn
}

// schedule draws faults: all classes in random order, then all of them in another order, and so on.
type schedule struct {
	seed    uint64
	classes []string
	random  *rand.Rand
	deck    []string
	number  int
}

func newSchedule(seed uint64, classes []string) *schedule {
	return &schedule{seed: seed, classes: classes, random: rand.New(rand.NewPCG(seed, 0))}
}

func (s *schedule) next() step {
	if len(s.deck) == 0 {
		s.deck = slices.Clone(s.classes)
		s.random.Shuffle(len(s.deck), func(i, j int) { s.deck[i], s.deck[j] = s.deck[j], s.deck[i] })
	}
	class := s.deck[0]
	s.deck = s.deck[1:]
	s.number++
	return step{s.number, class, rand.New(rand.NewPCG(s.seed, uint64(s.number)))}
}

// between draws a duration, small ones as often as great ones.
func between(random *rand.Rand, least, most time.Duration) time.Duration {
	low, high := math.Log(float64(least)), math.Log(float64(most))
	return time.Duration(math.Exp(low + random.Float64()*(high-low)))
}

func TestScheduleFollowsFromItsSeed(t *testing.T) {
	classes := []string{"a", "b", "c", "d", "e"}
	draw := func(seed uint64) (drawn []string, lengths []time.Duration) {
		s := newSchedule(seed, classes)
		for range 15 {
			step := s.next()
			drawn = append(drawn, step.class)
			lengths = append(lengths, between(step.random, 50*time.Millisecond, 10*time.Second))
		}
		return drawn, lengths
	}
	one, oneLengths := draw(1)
	again, againLengths := draw(1)
	two, twoLengths := draw(2)
	if !slices.Equal(one, again) || !slices.Equal(oneLengths, againLengths) {
		t.Errorf("the same seed gave %v and %v", one, again)
	}
	if slices.Equal(one, two) || slices.Equal(oneLengths, twoLengths) {
		t.Errorf("two seeds gave %v", one)
	}
	for from := 0; from < 15; from += 5 {
		if turn := slices.Sorted(slices.Values(one[from : from+5])); !slices.Equal(turn, classes) {
			t.Errorf("a turn has %v", turn)
		}
	}
	if least, most := slices.Min(oneLengths), slices.Max(oneLengths); least < 50*time.Millisecond || most > 10*time.Second || most < 10*least {
		t.Errorf("lengths from %v to %v", least, most)
	}
}
