package guard

import "time"

// bucket is the instant at which it is full again, in nanoseconds of its clock. The zero value is full.
type bucket int64

// price is what a token costs a caller, in nanoseconds.
type price int64

// room is what a full bucket holds, in nanoseconds.
type room int64

func (r Rate) price() price { return price(float64(time.Second) / r.PerSecond) }

func (r Rate) room() room { return room(float64(r.Burst) * float64(time.Second) / r.PerSecond) }

// cheaper is the price for somebody who may do factor times as much; at least a nanosecond.
func (p price) cheaper(factor float64) price { return max(1, price(float64(p)/factor)) }

// debt is how much time the bucket is from full.
func (b bucket) debt(now int64) int64 { return max(0, int64(b)-now) }

// lacks is how long it takes until n tokens are there; 0 if they are, negative never.
func (b bucket) lacks(now int64, n int, p price, r room) time.Duration {
	return time.Duration(max(0, b.debt(now)+int64(n)*int64(p)-int64(r)))
}

// take takes n tokens, which are there.
func (b *bucket) take(now int64, n int, p price) { *b = bucket(now + b.debt(now) + int64(n)*int64(p)) }

// left is how many tokens are there.
func (b bucket) left(now int64, p price, r room) int64 {
	return max(0, int64(r)-b.debt(now)) / int64(p)
}
