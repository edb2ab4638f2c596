package gateway

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/hustings/hustings/api"
)

// textRule says what a text of a request may be.
type textRule struct {
	least, most int  // characters
	lines       bool // line breaks and tabs are allowed
}

var (
	questionText  = textRule{10, 500, false}
	rulesText     = textRule{0, 10_000, true}
	outcomeText   = textRule{1, 100, false}
	sourceText    = textRule{1, 500, false}
	evidenceText  = textRule{0, 2_000, true}
	reasonText    = textRule{1, 500, false}
	referenceText = textRule{0, 200, false}
	labelText     = textRule{0, 100, false}
	passwordText  = textRule{8, 128, false}
)

// check refuses a text that is too short, too long, or not what it looks like.
func (rule textRule) check(field, s string) *api.Problem {
	invalid := func(format string, args ...any) *api.Problem {
		return api.CodeInvalidField.Problem(field, field+" "+fmt.Sprintf(format, args...))
	}
	if n := utf8.RuneCountInString(s); n < rule.least || n > rule.most {
		return invalid("must have %d to %d characters; it has %d.", rule.least, rule.most, n)
	}
	for i, r := range s {
		if !rule.allows(r) {
			return invalid("has the character U+%04X at byte %d, which controls or hides text.", r, i)
		}
	}
	if strings.TrimSpace(s) != s {
		return invalid("must not begin or end with space.")
	}
	return nil
}

func (rule textRule) allows(r rune) bool {
	switch {
	case r == '\n' || r == '\t':
		return rule.lines
	case unicode.IsControl(r), unicode.Is(unicode.Zl, r), unicode.Is(unicode.Zp, r):
		return false
	case unicode.Is(unicode.Bidi_Control, r), unicode.Is(unicode.Noncharacter_Code_Point, r):
		return false
	}
	return !unicode.Is(hidden, r)
}

// hidden has characters that are not seen: zero-width space and marks, the byte order mark, interlinear marks and
// tags. Joiners are not among them: scripts and emoji need them.
var hidden = &unicode.RangeTable{
	R16: []unicode.Range16{{0x00AD, 0x00AD, 1}, {0x200B, 0x200B, 1}, {0x2060, 0x2064, 1}, {0xFEFF, 0xFEFF, 1}, {0xFFF9, 0xFFFB, 1}},
	R32: []unicode.Range32{{0xE0000, 0xE007F, 1}},
}

// printable reports whether s can be an idempotency key or client order id: 1 to 64 printable ASCII characters.
func printable(s []byte) bool {
	if len(s) == 0 || len(s) > api.MaxKey {
		return false
	}
	for _, c := range s {
		if c < ' ' || c > '~' {
			return false
		}
	}
	return true
}

// nameOK reports whether an account can have this name: 3 to 32 of a–z, 0–9, '_', '-' and '.'.
func nameOK(s string) bool {
	if len(s) < 3 || len(s) > 32 {
		return false
	}
	for _, c := range []byte(s) {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '_' && c != '-' && c != '.' {
			return false
		}
	}
	return true
}

// validUTF8 cuts s at most bytes and drops what is not UTF-8, so that it can be shown.
func validUTF8(s string, most int) string { return strings.ToValidUTF8(s[:min(len(s), most)], "") }
