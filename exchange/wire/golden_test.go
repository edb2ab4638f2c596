package wire

import (
	"bytes"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/hustings/hustings/exchange"
)

// The golden files hold a frame of every command and event in every version of its schema, with a distinct value in
// each field, and beside it what the frame means. Files of a released version are never rewritten: -update is for
// versions that nobody has used yet.
var update = flag.Bool("update", false, "write the golden files of the versions that are written now")

const goldenDir = "testdata/golden"

func goldenName(what string, v any, version uint8) string {
	return fmt.Sprintf("%s-%s-%d", what, reflect.TypeOf(v).Elem().Name(), version)
}

func readGoldenFile(t *testing.T, name string) []byte {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(goldenDir, name))
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// keep writes a golden file and its meaning, if that is wanted.
func keep(t *testing.T, name string, frame []byte, meaning string) {
	t.Helper()
	if !*update {
		return
	}
	for file, content := range map[string][]byte{name + ".bin": frame, name + ".txt": []byte(meaning)} {
		if err := os.WriteFile(filepath.Join(goldenDir, file), content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// means compares what a golden frame was decoded to with its text.
func means(t *testing.T, name string, decoded any, version uint8) {
	t.Helper()
	if got, want := meaning(decoded, version), string(readGoldenFile(t, name+".txt")); got != want {
		t.Errorf("%s.bin means\n%s\nwant\n%s", name, got, want)
	}
}

// later are fields that a kind got in a later version than its first. Where an earlier one is read they are zero, and its golden text
// does not know them.
var later = map[string]uint8{
	"CreateCredential.Tier": 2, "CreateCredential.Scheme": 2, "CreateCredential.Addresses": 2,
	"CredentialCreated.Tier": 2, "CredentialCreated.Scheme": 2, "CredentialCreated.Addresses": 2,
}

// meaning writes a command or an event of a version with plain numbers, a field on each line.
func meaning(v any, version uint8) string {
	var b strings.Builder
	value := reflect.ValueOf(v).Elem()
	b.WriteString(value.Type().Name() + "\n")
	writeMeaning(&b, "", value)
	lines := strings.SplitAfter(b.String(), "\n")
	return strings.Join(slices.DeleteFunc(lines, func(line string) bool {
		name, text, _ := strings.Cut(line, ": ")
		return later[value.Type().Name()+"."+name] > version && (text == "0\n" || text == "\"\"\n")
	}), "")
}

func writeMeaning(b *strings.Builder, prefix string, v reflect.Value) {
	for i := range v.NumField() {
		name, f := prefix+v.Type().Field(i).Name, v.Field(i)
		switch f.Kind() {
		case reflect.Struct:
			writeMeaning(b, name+".", f)
		case reflect.Array: // of bytes
			fmt.Fprintf(b, "%s: %x\n", name, f.Interface())
		case reflect.String:
			fmt.Fprintf(b, "%s: %q\n", name, f.String())
		case reflect.Slice:
			if f.Type().Elem().Kind() == reflect.Uint8 {
				fmt.Fprintf(b, "%s: %q\n", name, f.Bytes())
				continue
			}
			for j := range f.Len() {
				fmt.Fprintf(b, "%s[%d]: %v\n", name, j, plain(f.Index(j)))
			}
		default:
			fmt.Fprintf(b, "%s: %v\n", name, plain(f))
		}
	}
}

// plain is a number or text without the words that its type prints.
func plain(v reflect.Value) any {
	switch {
	case v.CanUint():
		return v.Uint()
	case v.CanInt():
		return v.Int()
	case v.Kind() == reflect.String:
		return fmt.Sprintf("%q", v.String())
	}
	return v.Interface()
}

func TestGoldenCommands(t *testing.T) {
	files := 0
	for kind := exchange.CommandKind(1); newCommand(kind) != nil; kind++ {
		sample := sampleCommand(kind)
		name := goldenName("command", sample, versionOf(sample))
		goldenCommand(t, name, sample)
		files++
		if c, ok := sample.(*exchange.CreateCredential); ok {
			c.Tier, c.Scheme, c.Addresses = 0, 0, ""
			goldenCommand(t, goldenName("command", c, versionOf(c)), c)
			files++
		}
		if marked := markedCommand(kind); marked != nil {
			goldenCommand(t, name+"-elsewhere", marked)
			files++
		}
	}
	countGolden(t, "command", files)
}

func goldenCommand(t *testing.T, name string, sample exchange.Command) {
	t.Helper()
	if frame, err := AppendCommand(nil, sample); err != nil {
		t.Fatal(err)
	} else {
		keep(t, name, frame, meaning(sample, versionOf(sample)))
	}
	frame := readGoldenFile(t, name+".bin")
	cmd, err := ReadCommand(frame)
	if err != nil || CommandKind(frame) != sample.CommandKind() {
		t.Errorf("%s.bin: kind %d, %v", name, CommandKind(frame), err)
		return
	}
	means(t, name, cmd, versionOf(cmd))
	if again, err := AppendCommand(nil, cmd); err != nil || !bytes.Equal(again, frame) {
		t.Errorf("%s.bin is written as %x, %v", name, again, err)
	}
}

func TestGoldenEvents(t *testing.T) {
	files := 0
	for kind := exchange.EventKind(1); int(kind) < len(eventVersions); kind++ {
		sample, current := sampleEvent(kind), eventVersions[kind]
		keep(t, goldenName("event", sample, current), AppendEvent(nil, sample), meaning(sample, current))
		for version := uint8(1); version <= current; version++ {
			name := goldenName("event", sample, version)
			if old := goldenPast[name]; old != nil {
				keep(t, name, old.frame(kind, version), meaning(old.event, version))
			}
			frame := readGoldenFile(t, name+".bin")
			var d Decoder
			event, err := d.Event(frame)
			if err != nil || EventKind(frame) != kind || frame[3] != version {
				t.Errorf("%s.bin: kind %d, version %d, %v", name, EventKind(frame), frame[3], err)
				continue
			}
			means(t, name, event, version)
			if again := AppendEvent(nil, event); version == versionOfEvent(event) && !bytes.Equal(again, frame) {
				t.Errorf("%s.bin is written as %x", name, again)
			}
			files++
		}
	}
	countGolden(t, "event", files)
}

// goldenPast are frames of versions that are written no more: their fields, and the event that they mean now.
var goldenPast = map[string]*past{
	"event-FundsDeposited-1": {
		fields: []byte{7, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 11, 0, 0, 0, 0, 0, 0, 0},
		event:  &exchange.FundsDeposited{Account: 7, Amount: 9, Repaid: 2, Cash: 11, Reference: "unrecorded"},
	},
}

type past struct {
	fields []byte
	event  exchange.Event
}

func (p *past) frame(kind exchange.EventKind, version uint8) []byte {
	frame := append(make([]byte, frameHead), p.fields...)
	putHead(frame, uint8(kind), version)
	return frame
}

func TestGoldenBatch(t *testing.T) {
	const name = "batch-1"
	batch := AppendBatchHead(nil, 1_793_742_420_123_456_789, 2)
	for _, kind := range []exchange.CommandKind{exchange.KindPlaceOrder, exchange.KindCancelOrder} {
		frame, err := AppendCommand(nil, sampleCommand(kind))
		if err != nil {
			t.Fatal(err)
		}
		batch = append(batch, frame...)
	}
	keep(t, name, batch, "Time: 1793742420123456789\nCount: 2\nPlaceOrder CancelOrder\n")
	kept := readGoldenFile(t, name+".bin")
	now, count, rest, err := ReadBatch(kept)
	if err != nil {
		t.Fatal(err)
	}
	again := AppendBatchHead(nil, now, count)
	var kinds []string
	for range count {
		var frame []byte
		if frame, rest, err = Next(rest); err != nil {
			t.Fatal(err)
		}
		cmd, err := ReadCommand(frame)
		if err != nil {
			t.Fatal(err)
		}
		kinds = append(kinds, reflect.TypeOf(cmd).Elem().Name())
		again = append(again, frame...)
	}
	got := fmt.Sprintf("Time: %d\nCount: %d\n%s\n", now, count, strings.Join(kinds, " "))
	if want := string(readGoldenFile(t, name+".txt")); got != want || len(rest) != 0 {
		t.Errorf("%s.bin means\n%s\nwant\n%s", name, got, want)
	}
	if !bytes.Equal(again, kept) {
		t.Errorf("%s.bin is written as %x", name, again)
	}
}

// countGolden makes sure that no golden file is left unread.
func countGolden(t *testing.T, what string, files int) {
	t.Helper()
	names, err := fs.Glob(os.DirFS(goldenDir), what+"-*.bin")
	if err != nil || len(names) != files {
		t.Errorf("%d golden files of %ss, %d were read: %v", len(names), what, files, err)
	}
}
