package gateway

import (
	"encoding/base64"
	"encoding/binary"
)

// A cursor is a place in a list: a few numbers, as base64url of their uvarints. To callers it is opaque.

func writeCursor(numbers ...uint64) string {
	var b []byte
	for _, n := range numbers {
		b = binary.AppendUvarint(b, n)
	}
	return base64.RawURLEncoding.EncodeToString(b)
}

// cursor returns the count numbers of the request's cursor, zeros if it has none.
func (q *query) cursor(count int) []uint64 {
	numbers := make([]uint64, count)
	s, has := q.text("cursor")
	if !has {
		return numbers
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(s)
	for i := range numbers {
		n, size := binary.Uvarint(b)
		if err != nil || size <= 0 {
			q.fail("cursor", "cursor is not a next_cursor of this list.")
			return make([]uint64, count)
		}
		numbers[i], b = n, b[size:]
	}
	if len(b) > 0 {
		q.fail("cursor", "cursor is not a next_cursor of this list.")
	}
	return numbers
}
