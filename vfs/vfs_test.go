package vfs_test

import (
	"errors"
	"io"
	"io/fs"
	"path/filepath"
	"slices"
	"testing"

	"github.com/hustings/hustings/vfs"
)

// onEach runs a test on every file system that must behave alike, in a directory of its own.
func onEach(t *testing.T, test func(t *testing.T, fsys vfs.FS, dir string)) {
	t.Run("OS", func(t *testing.T) { test(t, vfs.OS, t.TempDir()) })
	t.Run("Mem", func(t *testing.T) { test(t, vfs.NewMem(), "/") })
	t.Run("Faulty", func(t *testing.T) { test(t, vfs.NewFaulty(vfs.NewMem()), "/") })
}

func TestFileKeepsWhatWasWritten(t *testing.T) {
	onEach(t, func(t *testing.T, fsys vfs.FS, dir string) {
		name := filepath.Join(dir, "a")
		f := must(fsys.Create(name))(t)
		write(t, f, "one")
		write(t, f, "two")
		check(t, second(f.WriteAt([]byte("X"), 1)))
		check(t, second(f.WriteAt([]byte("far"), 8)))
		check(t, f.Sync())
		wantContent(t, fsys, name, "oXetwo\x00\x00far")

		check(t, f.Truncate(2))
		check(t, f.Truncate(4))
		wantContent(t, fsys, name, "oX\x00\x00")
		check(t, f.Preallocate(3))
		wantContent(t, fsys, name, "oX\x00\x00")
		check(t, f.Preallocate(6))
		wantContent(t, fsys, name, "oX\x00\x00\x00\x00")
		check(t, f.Close())

		f = must(fsys.OpenReadWrite(name))(t)
		write(t, f, "end")
		check(t, f.Close())
		wantContent(t, fsys, name, "oX\x00\x00\x00\x00end")

		f = must(fsys.Create(name))(t)
		check(t, f.Close())
		wantContent(t, fsys, name, "")
	})
}

func TestReadAtTheEnd(t *testing.T) {
	onEach(t, func(t *testing.T, fsys vfs.FS, dir string) {
		f := must(fsys.Create(filepath.Join(dir, "a")))(t)
		defer f.Close()
		write(t, f, "abc")
		for _, c := range []struct {
			offset int64
			n      int
			err    error
		}{{0, 2, nil}, {1, 2, nil}, {2, 1, io.EOF}, {3, 0, io.EOF}, {9, 0, io.EOF}} {
			n, err := f.ReadAt(make([]byte, 2), c.offset)
			if n != c.n || err != c.err {
				t.Errorf("ReadAt(2 bytes, %d) = %d, %v; want %d, %v", c.offset, n, err, c.n, c.err)
			}
		}
	})
}

func TestErrorsOfNames(t *testing.T) {
	onEach(t, func(t *testing.T, fsys vfs.FS, dir string) {
		at := func(name string) string { return filepath.Join(dir, name) }
		check(t, fsys.MkdirAll(at("d")))
		check(t, must(fsys.Create(at("d/f")))(t).Close())
		readOnly := must(fsys.Open(at("d/f")))(t)
		defer readOnly.Close()
		for _, c := range []struct {
			what string
			err  error
			want error
		}{
			{"open a missing file", second(fsys.Open(at("x"))), fs.ErrNotExist},
			{"open a missing file to write", second(fsys.OpenReadWrite(at("x"))), fs.ErrNotExist},
			{"create in a missing directory", second(fsys.Create(at("x/y"))), fs.ErrNotExist},
			{"remove a missing file", fsys.Remove(at("x")), fs.ErrNotExist},
			{"rename a missing file", fsys.Rename(at("x"), at("y")), fs.ErrNotExist},
			{"stat a missing file", second(fsys.Stat(at("x"))), fs.ErrNotExist},
			{"list a missing directory", second(fsys.ReadDir(at("x"))), fs.ErrNotExist},
			{"sync a missing directory", fsys.SyncDir(at("x")), fs.ErrNotExist},
			{"lock a missing directory", second(fsys.Lock(at("x"))), fs.ErrNotExist},
			{"remove a directory in use", fsys.Remove(at("d")), nil},
			{"make a directory over a file", fsys.MkdirAll(at("d/f")), nil},
			{"create over a directory", second(fsys.Create(at("d"))), nil},
			{"write what was opened to read", second(readOnly.WriteAt([]byte("x"), 0)), nil},
		} {
			if c.err == nil || c.want != nil && !errors.Is(c.err, c.want) {
				t.Errorf("%s: error %v, want %v", c.what, c.err, c.want)
			}
		}
	})
}

func TestNames(t *testing.T) {
	onEach(t, func(t *testing.T, fsys vfs.FS, dir string) {
		at := func(name string) string { return filepath.Join(dir, name) }
		check(t, fsys.MkdirAll(at("d/e")))
		check(t, fsys.MkdirAll(at("d/e")))
		for _, name := range []string{"b", "a", "c"} {
			f := must(fsys.Create(at("d/" + name)))(t)
			write(t, f, name)
			check(t, f.Close())
		}
		check(t, fsys.Rename(at("d/c"), at("d/a")))
		check(t, fsys.Rename(at("d/a"), at("d/z")))
		check(t, fsys.Remove(at("d/b")))
		check(t, fsys.SyncDir(at("d")))

		var names []string
		for _, entry := range must(fsys.ReadDir(at("d")))(t) {
			names = append(names, entry.Name())
			if entry.IsDir() != (entry.Name() == "e") {
				t.Errorf("%s: IsDir = %v", entry.Name(), entry.IsDir())
			}
		}
		if want := []string{"e", "z"}; !slices.Equal(names, want) {
			t.Errorf("directory holds %v, want %v", names, want)
		}
		wantContent(t, fsys, at("d/z"), "c")
		if info := must(fsys.Stat(at("d/z")))(t); info.Size() != 1 || info.IsDir() || info.Name() != "z" {
			t.Errorf("Stat = %v %v %v", info.Name(), info.Size(), info.IsDir())
		}
		if !must(fsys.Stat(at("d")))(t).IsDir() {
			t.Error("a directory is not one")
		}
		check(t, fsys.Remove(at("d/e")))
	})
}

func TestSecondInstanceIsRefused(t *testing.T) {
	onEach(t, func(t *testing.T, fsys vfs.FS, dir string) {
		first := must(fsys.Lock(dir))(t)
		_, err := fsys.Lock(dir)
		if !errors.Is(err, vfs.ErrLocked) {
			t.Fatalf("second lock: %v, want ErrLocked", err)
		}
		t.Log(err)
		check(t, first.Close())
		check(t, must(fsys.Lock(dir))(t).Close())
	})
}

func TestWriteFileReplaces(t *testing.T) {
	onEach(t, func(t *testing.T, fsys vfs.FS, dir string) {
		name := filepath.Join(dir, "a")
		for _, content := range []string{"a long first content", "short", ""} {
			check(t, vfs.WriteFile(fsys, name, []byte(content)))
			wantContent(t, fsys, name, content)
		}
	})
}

func must[T any](value T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		check(t, err)
		return value
	}
}

func second[T any](_ T, err error) error { return err }

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func write(t testing.TB, f vfs.File, content string) {
	t.Helper()
	check(t, second(f.Write([]byte(content))))
}

func wantContent(t testing.TB, fsys vfs.FS, name, want string) {
	t.Helper()
	got, err := vfs.ReadFile(fsys, name)
	if err != nil || string(got) != want {
		t.Fatalf("%s holds %q, %v; want %q", name, got, err, want)
	}
}
