package storetest

import (
	"fmt"
	"strings"
	"time"

	"sence.gob.cl/gestor/shared/agenda"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/post"
	"sence.gob.cl/gestor/shared/ticket"
)

// fileOf is a picture of the library that is ready, with everything that is known of one.
func (w *world) fileOf(id string) post.LibraryFile {
	return post.LibraryFile{
		ID: id, Name: "afiche.png", Alt: "Un afiche ficticio", Sum: strings.Repeat("a", 64-len(id)) + id, By: "ana", ByName: "Ana Ficticia",
		File: post.File{Kind: post.Image, Type: "image/png", Size: 1000, Width: 1080, Height: 1350, Millis: 1}, At: w.clock(), State: post.FileReady, Rev: 1,
	}
}

// libraryFiles: each file is written over exactly the revision before, by one of many; a step that is repeated is a success; and
// what ended is forgotten.
func libraryFiles(w *world) {
	if _, found := find(w.store.File(w.Context(), "nadie"))(w); found {
		w.Error("a file nobody brought is found")
	}
	waiting := post.LibraryFile{ID: "f1", Name: "video.mp4", File: post.File{Size: 7}, By: "ana", At: w.clock(), State: post.FileWaiting, Rev: 1}
	w.must(ticket.Change{File: &waiting})
	w.must(ticket.Change{File: &waiting})
	got, _ := find(w.store.File(w.Context(), "f1"))(w)
	w.same("waiting", got, waiting)
	rivals := make([]post.LibraryFile, 8)
	for i := range rivals {
		rivals[i] = w.fileOf("f1")
		rivals[i].Rev, rivals[i].Name = 2, fmt.Sprint(i)
	}
	won := w.crowd(len(rivals), fault.Conflict, ticket.ErrStale, func(i int) error { return w.commit(ticket.Change{File: &rivals[i]}) })
	if len(won) != 1 {
		w.Fatalf("%d wrote one revision", len(won))
	}
	got, _ = find(w.store.File(w.Context(), "f1"))(w)
	w.same("the winner's", got, rivals[won[0]])
	w.refused(ticket.Change{File: &waiting}, fault.Conflict, ticket.ErrStale)
	refused := waiting
	refused.ID = "f2"
	w.must(ticket.Change{File: &refused})
	refused = refused.Refuse("No es una imagen.", w.clock())
	w.must(ticket.Change{File: &refused})
	got, _ = find(w.store.File(w.Context(), "f2"))(w)
	w.same("refused", got, refused)
	for name, spoil := range map[string]func(*post.LibraryFile){
		"no revision": func(l *post.LibraryFile) { l.Rev = 0 }, "no id": func(l *post.LibraryFile) { l.ID = "" }, "no state": func(l *post.LibraryFile) { l.State = "" },
		"ready until": func(l *post.LibraryFile) { l.Expires = w.clock() }, "removed for ever": func(l *post.LibraryFile) { l.State = post.FileRemoved },
	} {
		l := w.fileOf("f3")
		spoil(&l)
		if err := w.commit(ticket.Change{File: &l}); !fault.Is(err, fault.Permanent) {
			w.Errorf("%s: %v, want permanent", name, err)
		}
	}
	w.pass(refused.Expires.Sub(w.clock()))
	if _, found := find(w.store.File(w.Context(), "f2"))(w); found {
		w.Error("a refused file is remembered for ever")
	}
	if _, found := find(w.store.File(w.Context(), "f1"))(w); !found {
		w.Error("a file is gone")
	}
}

// sameFile: of many who bring the same bytes at once one makes the file, and the others are told; what was removed can be brought
// again.
func sameFile(w *world) {
	sum := strings.Repeat("b", 64)
	files := make([]post.LibraryFile, 8)
	for i := range files {
		files[i] = w.fileOf(fmt.Sprint("f", i))
		files[i].Sum = sum
	}
	won := w.crowd(len(files), fault.Conflict, ticket.ErrSameFile, func(i int) error { return w.commit(ticket.Change{File: &files[i]}) })
	if len(won) != 1 {
		w.Fatalf("%d brought the same bytes", len(won))
	}
	first := files[won[0]]
	got, _ := find(w.store.FileBySum(w.Context(), sum))(w)
	w.same("by its bytes", got, first)
	if len(need(w.page(nil, "", 0))(w)) != 1 {
		w.Error("a refused step left its file behind")
	}
	name := "otro nombre"
	renamed, err := first.Describe(&name, nil)
	if err != nil {
		w.Fatal(err)
	}
	w.must(ticket.Change{File: &renamed})
	other := files[(won[0]+1)%len(files)]
	w.refused(ticket.Change{File: &other}, fault.Conflict, ticket.ErrSameFile)
	removed := renamed.Remove(w.clock())
	w.must(ticket.Change{File: &removed})
	w.must(ticket.Change{File: &removed})
	if _, found := find(w.store.FileBySum(w.Context(), sum))(w); found {
		w.Error("a removed file is found by its bytes")
	}
	w.must(ticket.Change{File: &other})
	got, _ = find(w.store.FileBySum(w.Context(), sum))(w)
	w.same("brought again", got, other)
	unknown := w.fileOf("f9")
	unknown.Sum = ""
	w.must(ticket.Change{File: &unknown})
}

// page is one page of the library without its cursor.
func (w *world) page(match func(post.LibraryFile) bool, cursor string, limit int) ([]post.LibraryFile, error) {
	page, _, err := w.store.Files(w.Context(), match, cursor, limit)
	return page, err
}

// libraryPages: the newest comes first, nothing comes twice and nothing is left out, whatever the filter; a foreign cursor is
// refused.
func libraryPages(w *world) {
	const all = 25
	for i := range all {
		l := w.fileOf(fmt.Sprintf("01F%04d", i))
		w.must(ticket.Change{File: &l})
		w.pass(time.Second)
	}
	odd := func(l post.LibraryFile) bool { return (l.ID[len(l.ID)-1]-'0')%2 == 1 }
	for name, c := range map[string]struct {
		match func(post.LibraryFile) bool
		want  int
	}{"all": {nil, all}, "odd": {odd, all / 2}, "none": {func(post.LibraryFile) bool { return false }, 0}} {
		cursor, last, got := "", "~", 0
		for range all {
			page, next, err := w.store.Files(w.Context(), c.match, cursor, 7)
			if err != nil {
				w.Fatal(err)
			}
			for _, l := range page {
				if l.ID >= last || c.match != nil && !c.match(l) {
					w.Errorf("%s: %s after %s", name, l.ID, last)
				}
				last = l.ID
				got++
			}
			if cursor = next; cursor == "" {
				break
			}
		}
		if got != c.want || cursor != "" {
			w.Errorf("%s: %d files, want %d; cursor %q at the end", name, got, c.want, cursor)
		}
	}
	_, foreign, err := w.store.Attention(w.Context(), ticket.Reach{Ordinary: true, Restricted: true}, "", 1)
	if err != nil {
		w.Fatal(err)
	}
	for _, cursor := range []string{"x", foreign + "x", "1|library|"} {
		if _, _, err := w.store.Files(w.Context(), nil, cursor, 1); !fault.Is(err, fault.Invalid) {
			w.Errorf("cursor %q: %v", cursor, err)
		}
	}
}

// fileUsed: a file is in use from the first draft that carries it, for one network or for all, until that post is over.
func fileUsed(w *world) {
	at := w.clock().Add(48 * time.Hour)
	used := func(when, id string, want bool) {
		w.Helper()
		if got := need(w.store.FileUsed(w.Context(), id))(w); got != want {
			w.Errorf("%s: %s is used: %t", when, id, got)
		}
	}
	used("nothing is planned", "foto", false)
	c := content(at)
	c.Media = []post.Attached{{ID: "foto", Alt: "Una foto ficticia"}}
	c.Variants = map[mention.Network]post.Variant{mention.X: {Media: &[]post.Attached{{ID: "otra", Alt: "Otra foto ficticia"}}}}
	p := w.planned(need(agenda.Draft("01POSTUSA", author(), c, agenda.About{}, w.clock()))(w))
	steps := []struct {
		when string
		do   func() (ticket.Change, error)
		used bool
	}{
		{"submitted", func() (ticket.Change, error) { return p.Submit(author(), w.clock()) }, true},
		{"planned", func() (ticket.Change, error) { return p.Approve(approver(), agenda.Consent{}, ours(), w.clock()) }, true},
		{"cancelled", func() (ticket.Change, error) { return p.Cancel(approver(), w.clock()) }, false},
	}
	used("drafted", "foto", true)
	for _, step := range steps {
		p = w.planned(need(step.do())(w))
		used(step.when, "foto", step.used)
		used(step.when, "otra", step.used)
		used(step.when, "ninguna", false)
	}
	undated := c
	undated.PublishAt = post.Moment{}
	w.planned(need(agenda.Draft("01POSTUSB", author(), undated, agenda.About{}, w.clock()))(w))
	used("without a moment", "otra", true)
}
