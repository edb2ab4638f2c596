package guard

import "time"

// Times of the penalty box.
const (
	quiet   = int64(10 * time.Second) // without a refusal, after which the count of them begins anew
	mostBox = int64(24 * time.Hour)
	repents = 10 // times of a penalty without another one, after which half of what came before is forgiven
)

// box is the penalties of somebody.
type box struct {
	until   int64 // in it up to this instant
	last    int64 // when the last refusal was
	level   int32 // penalties so far, less what was forgiven
	strikes int32 // refusals since it was quiet
	pressed int32 // refusals since it was quiet that the load is to blame for; they lead to no penalty
}

// left is how long somebody is still in.
func (b *box) left(now int64) time.Duration { return time.Duration(max(0, b.until-now)) }

// strike counts a refusal of somebody who is not in the box, and reports whether that put him there. Base is the length of a first penalty.
func (b *box) strike(now, base int64, knocks int) bool {
	if now-b.last > quiet {
		b.strikes, b.pressed = 0, 0
	}
	b.last = now
	b.strikes++
	if int(b.strikes) < knocks {
		return false
	}
	b.forgive(now, base)
	b.until = now + b.length(base)
	b.level++
	b.strikes = 0
	return true
}

// press counts a refusal that the load is to blame for, and returns how many there were.
func (b *box) press(now int64) int {
	if now-b.last > quiet {
		b.strikes, b.pressed = 0, 0
	}
	b.last = now
	b.pressed++
	return int(b.pressed)
}

// length is how long the next penalty is.
func (b *box) length(base int64) int64 {
	length := base
	for range b.level {
		if length = 2 * length; length >= mostBox {
			return mostBox
		}
	}
	return min(length, mostBox)
}

// forgive lowers the level for the time that has passed since the last penalty ended.
func (b *box) forgive(now, base int64) {
	for since := now - b.until; b.level > 0 && since >= repents*base; since -= repents * base {
		b.level /= 2
	}
}
