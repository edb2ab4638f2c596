package attacks

import "strings"

// value is a text in place of a value of a request.
type value struct {
	raw   string
	taken bool // a field may take it: then it is not refused everywhere
}

// decimals are put where a price, an amount, a rate or an identifier is.
var decimals = []value{
	{`"0"`, true}, {`"1"`, true}, {`"1.0000"`, true}, {`"9223372036854775807"`, true}, {`"9223372036854775808"`, true},
	{`"18446744073709551615"`, true}, {`"18446744073709551616"`, true}, {`"-1"`, true}, {`"922337203685477.5807"`, true},
	{`"0.00001"`, false}, {`"1.00000"`, false}, {`"-0"`, false}, {`"-0.0000"`, false}, {`"1e-3"`, false}, {`"1E3"`, false}, {`"NaN"`, false},
	{`"Infinity"`, false}, {`"０.５"`, false}, {`"１"`, false}, {`"٣"`, false}, {`"1."`, false}, {`".5"`, false}, {`"+1"`, false}, {`"01"`, false},
	{`"0x1"`, false}, {`"1_000"`, false}, {`"1,5"`, false}, {`" 1"`, false}, {`"1\u0000"`, false}, {`""`, false},
	{`1`, false}, {`0.5`, false}, {`null`, false}, {`true`, false}, {`[]`, false}, {`{}`, false}, {`NaN`, false},
}

// whole are put where a whole number is.
var whole = []value{
	{`0`, true}, {`1`, true}, {`65536`, true}, {`4294967296`, true}, {`9223372036854775807`, true}, {`9223372036854775808`, true},
	{`18446744073709551616`, true}, {`-1`, true}, {`-9223372036854775808`, true},
	{`-0`, false}, {`1.0`, false}, {`1.5`, false}, {`1e3`, false}, {`1e-3`, false}, {`1e400`, false}, {`NaN`, false}, {`１`, false}, {`0x1`, false},
	{`01`, false}, {`+1`, false}, {`"1"`, false}, {`null`, false}, {`true`, false}, {`[1]`, false}, {`{}`, false},
}

// injected is what a text would have the log say.
const injected = "level=ERROR msg=forged"

// texts are put where a text is.
var texts = []value{
	{`"a\nb"`, true}, {`"<script>alert(1)</script>"`, true}, {`"'; DROP TABLE accounts; --"`, true}, {`"%s%n%x"`, true}, {`"../../etc/passwd"`, true},
	{`"x\n` + injected + `"`, true},
	{`"a\u0000b"`, false}, {`"a\u202eb"`, false}, {`"a\u200fb"`, false}, {`"a\u200bb"`, false}, {`"a\u2028b"`, false}, {`"a\u0007b"`, false},
	{"\"a\xff\xfeb\"", false}, {"\"a\xed\xa0\x80b\"", false}, {`"\ud800"`, false}, {"\"a\x01b\"", false}, {"\"a\x00b\"", false},
	{`"` + strings.Repeat("x", 30_000) + `"`, false},
	{`1`, false}, {`null`, false}, {`true`, false}, {`[]`, false}, {`{}`, false},
}

// instants are put where a time is.
var instants = []value{
	{`"2026-11-03T21:47:00Z"`, true}, {`"2261-11-03T21:47:00+14:00"`, true},
	{`"0"`, false}, {`"now"`, false}, {`"1969-12-31T23:59:59Z"`, false}, {`"2999-01-01T00:00:00Z"`, false}, {`"2026-02-30T00:00:00Z"`, false},
	{`"２０２６-11-03T21:47:00Z"`, false}, {`"2026-11-03T21:47:60Z"`, false}, {`"2026-11-03 21:47:00Z"`, false}, {`""`, false}, {`1793742420`, false},
	{`null`, false}, {`{}`, false},
}

// flags are put where true or false is.
var flags = []value{{`1`, false}, {`"true"`, false}, {`"false"`, false}, {`null`, false}, {`[]`, false}, {`{}`, false}, {`TRUE`, false}}
