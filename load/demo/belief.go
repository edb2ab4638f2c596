package demo

import (
	"math"
	"math/rand/v2"
)

// belief is what would be known about a question by somebody who knew everything: each outcome has a score that wanders
// until the end, when the outcome with the greatest score has happened. The chance of an outcome is that of ending on top
// from here, for which a softmax of the scores in units of what is still to come is a good approximation (for two
// outcomes it is the logistic approximation of the normal distribution). So prices are nearly a martingale, move most
// around a half, jump with news, and end at 0 or 1: as those of a prediction market do.
type belief struct {
	scores []float64
	left   float64 // share of its time, 1 at the opening and 0 at the end
	news   float64 // pieces of news to be expected in the whole time
	random *rand.Rand
}

const (
	newsShare = 0.45  // of the variance of scores comes with news
	leftLeast = 0.004 // the end is never quite certain
	logistic  = 1.702 // steepness at which a logistic curve is closest to a normal one
)

func newBelief(chance []float64, left, news float64, random *rand.Rand) *belief {
	b := &belief{left: left, news: news, random: random}
	for _, c := range chance {
		b.scores = append(b.scores, math.Log(max(c, 0.001))/b.steepness())
	}
	return b
}

// steepness turns a difference of scores into one of log odds, given what is still to come.
func (b *belief) steepness() float64 { return logistic / math.Sqrt(2*max(b.left, leftLeast)) }

// pass lets a share of the time pass. Surprised is an outcome about which there was news, −1 if there was none.
func (b *belief) pass(share float64) (surprised int) {
	share = min(share, b.left)
	b.left -= share
	for i := range b.scores {
		b.scores[i] += b.random.NormFloat64() * math.Sqrt((1-newsShare)*share)
	}
	if b.random.Float64() >= b.news*share {
		return -1
	}
	surprised = b.random.IntN(len(b.scores))
	b.scores[surprised] += b.random.NormFloat64() * math.Sqrt(newsShare*float64(len(b.scores))/b.news)
	return surprised
}

// chances returns the chance of each outcome. They add up to 1.
func (b *belief) chances() []float64 {
	k, most := b.steepness(), math.Inf(-1)
	for _, s := range b.scores {
		most = max(most, s)
	}
	all, sum := make([]float64, len(b.scores)), 0.0
	for i, s := range b.scores {
		all[i] = math.Exp(k * (s - most))
		sum += all[i]
	}
	for i := range all {
		all[i] /= sum
	}
	return all
}

// winner is the outcome with the greatest score.
func (b *belief) winner() int {
	best := 0
	for i, s := range b.scores {
		if s > b.scores[best] {
			best = i
		}
	}
	return best
}
