package post_test

import (
	"errors"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/post"
)

func TestFile_Fits(t *testing.T) {
	image := post.File{Kind: post.Image, Type: "image/png", Size: 1000, Width: 1080, Height: 1350}
	video := post.File{Kind: post.Video, Type: "video/mp4", Size: 1000, Width: 1080, Height: 1920, Millis: 30_000}
	with := func(f post.File, change func(*post.File)) post.File {
		change(&f)
		return f
	}
	for _, c := range []struct {
		name string
		file post.File
		says string // part of why not, "" when it fits
	}{
		{"an image", image, ""},
		{"a video", video, ""},
		{"the largest image", with(image, func(f *post.File) { f.Size = 30 << 20 }), ""},
		{"a larger image", with(image, func(f *post.File) { f.Size = 30<<20 + 1 }), "30 MB"},
		{"the largest GIF", with(image, func(f *post.File) { f.Kind, f.Size = post.GIF, 15<<20 }), ""},
		{"a larger GIF", with(image, func(f *post.File) { f.Kind, f.Size = post.GIF, 15<<20+1 }), "15 MB"},
		{"the largest video", with(video, func(f *post.File) { f.Size = 1 << 30 }), ""},
		{"a larger video", with(video, func(f *post.File) { f.Size = 1<<30 + 1 }), "1 GB"},
		{"no kind", post.File{Size: 1, Width: 1, Height: 1}, "JPEG, PNG"},
		{"no height", with(image, func(f *post.File) { f.Height = 0 }), "ancho y alto"},
		{"a bomb", with(image, func(f *post.File) { f.Width, f.Height = 65_535, 65_535 }), "65535 × 65535"},
		{"many pixels", with(image, func(f *post.File) { f.Width, f.Height = 10_001, 10_000 }), "demasiado"},
		{"no end", with(video, func(f *post.File) { f.Millis = 0 }), "cuánto dura"},
		{"four hours", with(video, func(f *post.File) { f.Millis = 4 * 3600_000 }), ""},
		{"more", with(video, func(f *post.File) { f.Millis = 4*3600_000 + 1 }), "4 horas"},
	} {
		err := c.file.Fits()
		if (err == nil) != (c.says == "") || err != nil && (!fault.Is(err, fault.Invalid) || !strings.Contains(said(err), c.says)) {
			t.Errorf("%s: %v, want %q", c.name, err, c.says)
		}
	}
	for size, fits := range map[int64]bool{-1: false, 0: false, 1: true, 1 << 30: true, 1<<30 + 1: false} {
		if err := post.Announced(size); (err == nil) != fits {
			t.Errorf("announced %d: %v", size, err)
		}
	}
}

// said is what an error tells a person.
func said(err error) string {
	var f *fault.Error
	if errors.As(err, &f) {
		return f.Public
	}
	return ""
}

func TestLibraryFile(t *testing.T) {
	now := time.Date(2026, 11, 23, 15, 0, 0, 0, time.UTC)
	for name, want := range map[string]string{
		"afiche.png": "afiche.png", `C:\fotos\afiche.png`: "afiche.png", "../../etc/passwd": "passwd", "": "Sin nombre", " \x00\u202e\n": "Sin nombre",
		"niño\xff.png": "niño.png", strings.Repeat("ñ", 300): strings.Repeat("ñ", 120),
	} {
		if got := post.NewLibraryFile("a", name, 1, "ana", "", now).Name; got != want || !utf8.ValidString(got) {
			t.Errorf("%q is called %q, want %q", name, got, want)
		}
	}
	l := post.NewLibraryFile("a", "afiche.png", 7, "ana", "Ana Ficticia", now)
	if l.State != post.FileWaiting || l.Rev != 1 || l.Size != 7 {
		t.Errorf("new: %+v", l)
	}
	alt, empty, long := " Un afiche ", " ", strings.Repeat("a", 1001)
	d, err := l.Describe(nil, &alt)
	if err != nil || d.Alt != "Un afiche" || d.Name != l.Name || d.Rev != 2 {
		t.Errorf("described: %+v, %v", d, err)
	}
	if _, err := l.Describe(&empty, nil); !fault.Is(err, fault.Invalid) {
		t.Errorf("no name: %v", err)
	}
	if _, err := l.Describe(nil, &long); !fault.Is(err, fault.Invalid) {
		t.Errorf("long: %v", err)
	}
	if r := l.Refuse("no", now); r.State != post.FileRefused || r.Reason != "no" || !r.Expires.Equal(now.AddDate(0, 0, 30)) || r.Rev != 2 {
		t.Errorf("refused: %+v", r)
	}
	l.Sum = "announced"
	for name, r := range map[string]post.LibraryFile{"refused": l.Refuse("no", now), "removed": l.Remove(now)} {
		if r.Sum != "" {
			t.Errorf("%s: what was only announced leads to it: %+v", name, r)
		}
	}
	if r := l.Ready(post.File{}, "sum").Remove(now); r.Sum != "sum" {
		t.Errorf("removed: nothing leads to it any more: %+v", r)
	}
	if r := d.Remove(now); r.State != post.FileRemoved || r.Rev != 3 || r.Expires.IsZero() {
		t.Errorf("removed: %+v", r)
	}
}
