package codec

import (
	"bytes"
	"reflect"
	"strings"
	"testing"

	"github.com/hustings/hustings/exchange"
)

// record has a field of every kind.
type record struct {
	U8     uint8
	U16    exchange.Price
	U32    exchange.Quantity
	U64    exchange.Seq
	Money  exchange.Money
	Yes    bool
	B16    [16]byte
	B32    [32]byte
	Blob   []byte
	Text   string
	Texts  []string
	Prices []exchange.Price
}

func (r *record) fields(c *Codec) {
	U8(c, &r.U8)
	U16(c, &r.U16)
	U32(c, &r.U32)
	U64(c, &r.U64)
	U64(c, &r.Money)
	Flag(c, &r.Yes)
	Bytes16(c, &r.B16)
	Bytes32(c, &r.B32)
	c.Blob(&r.Blob)
	c.Text(&r.Text)
	c.Texts(&r.Texts)
	c.Prices(&r.Prices)
}

func sample() record {
	return record{U8: 0x12, U16: 0x3456, U32: 0x789abcde, U64: 0x0102030405060708, Money: -2, Yes: true,
		B16: [16]byte{15: 0xaa}, B32: [32]byte{31: 0xbb}, Blob: []byte{1, 0, 2}, Text: "é", Texts: []string{"", "ab"},
		Prices: []exchange.Price{1, 0x0203}}
}

// encoded is the sample, byte by byte: numbers are little-endian, lengths come before what they count.
const encoded = "\x12" + "\x56\x34" + "\xde\xbc\x9a\x78" + "\x08\x07\x06\x05\x04\x03\x02\x01" +
	"\xfe\xff\xff\xff\xff\xff\xff\xff" + "\x01" +
	"\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\xaa" +
	"\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\xbb" +
	"\x03\x00\x01\x00\x02" + "\x02\x00é" + "\x02" + "\x00\x00" + "\x02\x00ab" + "\x02" + "\x01\x00" + "\x03\x02"

func TestEveryKindBothWays(t *testing.T) {
	for name, want := range map[string]record{"sample": sample(), "zero": {Blob: []byte{}}} {
		w := Writer([]byte("before"))
		want.fields(&w)
		b, ok := bytes.CutPrefix(w.Bytes(), []byte("before"))
		if !ok || !w.OK() || w.Reading() {
			t.Fatalf("%s: wrote %q", name, w.Bytes())
		}
		if name == "sample" && string(b) != encoded {
			t.Errorf("wrote\n%x, want\n%x", b, encoded)
		}
		r := Reader(b)
		var got record
		if got.fields(&r); !r.Done() || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: read %+v, want %+v", name, got, want)
		}
	}
}

// A record that ends early is bad wherever it ends, and one that goes on is not done.
func TestTruncated(t *testing.T) {
	for n := range len(encoded) {
		r := Reader([]byte(encoded[:n]))
		var got record
		if got.fields(&r); r.OK() || r.Done() {
			t.Errorf("%d of %d bytes are a record: %+v", n, len(encoded), got)
		}
	}
	r := Reader([]byte(encoded + "x"))
	var got record
	if got.fields(&r); !r.OK() || r.Done() {
		t.Error("a byte too many is not seen")
	}
}

func TestLimits(t *testing.T) {
	tests := []struct {
		name string
		walk func(*Codec, int)
		most int
	}{
		{"text", func(c *Codec, n int) { s := strings.Repeat("a", n); c.Text(&s) }, 65_535},
		{"blob", func(c *Codec, n int) { b := make([]byte, n); c.Blob(&b) }, 65_535},
		{"texts", func(c *Codec, n int) { s := make([]string, n); c.Texts(&s) }, 255},
		{"prices", func(c *Codec, n int) { p := make([]exchange.Price, n); c.Prices(&p) }, 255},
	}
	for _, test := range tests {
		for _, n := range []int{test.most, test.most + 1} {
			w := Writer(nil)
			if test.walk(&w, n); w.OK() != (n == test.most) {
				t.Errorf("%s of %d: %t", test.name, n, w.OK())
			}
		}
	}
	r := Reader([]byte{2})
	var v bool
	if Flag(&r, &v); r.OK() || v {
		t.Error("2 is a flag")
	}
}

// What can be read is written back as it was: there is one spelling of each record.
func FuzzReader(f *testing.F) {
	f.Add([]byte(encoded))
	f.Add([]byte(encoded[:70]))
	f.Add([]byte(nil))
	f.Fuzz(func(t *testing.T, b []byte) {
		r := Reader(b)
		var got record
		if got.fields(&r); !r.Done() {
			return
		}
		w := Writer(nil)
		if got.fields(&w); !w.OK() || !bytes.Equal(w.Bytes(), b) {
			t.Fatalf("read %x, wrote %x", b, w.Bytes())
		}
	})
}
