package message

import (
	"encoding/hex"
	"errors"
	"testing"
)

// TestReaderRefuses has bytes that are not a message refused, whatever is wrong with them.
func TestReaderRefuses(t *testing.T) {
	for _, c := range []struct {
		name, frame string
		want        error
	}{
		{"nothing", "", ErrMalformed},
		{"no market", "41", ErrMalformed},
		{"an unknown kind", "4f0700288001", ErrMalformed},
		{"an image that ends early", "41070028800113aa9f010379", ErrMalformed},
		{"a name longer than the image", "4107002880018013aa9f01037965", ErrMalformed},
		{"a market above 32 bits", "41808080808010", ErrMalformed},
		{"a delta without a beginning", "0207080100000000", ErrNoBase},
		{"a channel that there is not", "48070028800109", ErrMalformed},
		{"bytes behind the end", "4807002880010100", ErrMalformed},
		{"a level of quantity 0", "4107002880018013aa9f0103796573" + "01" + "b830" + "00" + "00", ErrMalformed},
		{"an account without its cash", "0901", ErrMalformed},
		{"an account with an order that ends early", "090100000001" + "0103", ErrMalformed},
		{"more orders than bytes", "090100000080808080808080808001", ErrMalformed},
		{"an order on a contract that there is not", "0a012c00" + "0307" + "03796573" + "030000" + "0000000000000001" + "00", ErrMalformed},
		{"an order of a time that there is not", "0a012cffffffffffffffffff01", ErrMalformed},
		{"a fill whose outcome is not text", "0b012c00" + "0307" + "01ff" + "00" + "b8300a00", ErrMalformed},
		{"a balance that ends early", "0c012c0002", ErrMalformed},
	} {
		frame, err := hex.DecodeString(c.frame)
		if err != nil {
			t.Fatal(err)
		}
		var r Reader
		if m, err := r.Read(frame); !errors.Is(err, c.want) {
			t.Errorf("%s: %+v, %v", c.name, m, err)
		}
	}
	for _, text := range []string{"", "[]", `{"type":"tale"}`, `{"type":"status","status":"bored"}`, `{"type":"gap","channel":"color"}`, `{"type":"delta","market":"4294967296"}`} {
		if m, err := ReadJSON([]byte(text)); !errors.Is(err, ErrMalformed) {
			t.Errorf("%s: %+v, %v", text, m, err)
		}
	}
}
