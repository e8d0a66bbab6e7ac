package meta_test

import (
	"context"
	"fmt"
	"testing"

	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/meta"
)

// TestCodes goes through every number that platforms.md §5.1 names for Meta, and those beside them that must not be taken
// for them: what a code means for a call that says something and for one that looks.
func TestCodes(t *testing.T) {
	type numbers struct{ code, subcode int }
	classes := []struct {
		reason      string
		write, read fault.Kind
		numbers     []numbers
	}{
		{meta.ReasonAuth, denied, denied, []numbers{
			{190, 0}, {190, 458}, {190, 459}, {190, 460}, {190, 463}, {190, 464}, {190, 467}, {102, 0},
		}},
		{meta.ReasonPermission, denied, denied, []numbers{{3, 0}, {10, 0}, {10, 1}, {200, 0}, {250, 0}, {299, 0}}},
		{meta.ReasonWindow, perm, perm, []numbers{{10, 2018278}, {10, 2534022}, {1545041, 0}, {200, 1545041}, {551, 1545041}, {100, 1893061}}},
		{meta.ReasonNotAllowed, perm, perm, []numbers{{10900, 0}, {10901, 0}, {10902, 0}, {10903, 0}}},
		{meta.ReasonRecipient, perm, perm, []numbers{{551, 0}, {100, 2018001}, {10, 2018108}, {200, 2018108}}},
		{meta.ReasonThrottle, later, later, []numbers{
			{4, 0}, {17, 0}, {32, 0}, {613, 0}, {613, 1996}, {80000, 0}, {80001, 0}, {80002, 0}, {80006, 0}, {80008, 0}, {80099, 0},
		}},
		{meta.ReasonDuplicate, unsure, unsure, []numbers{{506, 0}, {1366051, 0}, {100, 1366051}}},
		{meta.ReasonContent, perm, perm, []numbers{
			{368, 0}, {1346003, 0}, {1390008, 0}, {1404102, 0}, {1, 1404102}, {36000, 2207051}, {324, 2069019}, {9004, 2207000}, {9004, 2207999}, {100, 0},
		}},
		{meta.ReasonUnknown, unsure, later, []numbers{
			{1, 0}, {2, 0}, {9004, 2207003}, {9004, 2207082}, {-1, 2207001}, {-1, 2207032}, {-1, 2207053}, {9004, 2208000}, {9004, 2206999}, {10899, 0}, {10904, 0}, {79999, 0}, {80100, 0}, {300, 0}, {199, 0},
		}},
		{meta.ReasonLimit, later, later, []numbers{{9, 2207042}}},
		{meta.ReasonNotReady, later, later, []numbers{{9007, 2207027}, {24, 2207008}, {-2, 2207020}}},
		{meta.ReasonGone, perm, perm, []numbers{{100, 33}}},
		{meta.ReasonUnsupported, perm, perm, []numbers{{12, 0}}},
	}
	for _, c := range classes {
		for _, n := range c.numbers {
			t.Run(fmt.Sprintf("%d of %d", n.subcode, n.code), func(t *testing.T) {
				g := newGraph(t, say(400, refused(n.code, n.subcode, "")))
				_, err := g.client(t).Reply(context.Background(), token, "7_8", wrote)
				if fault.Of(err) != c.write || meta.Reason(err) != c.reason {
					t.Errorf("writing: %v, want %s %s", err, c.write, c.reason)
				}
				quiet(t, err)
				_, _, err = g.client(t).Find(context.Background(), token, "7_8", page, wrote, at(1799999990))
				if fault.Of(err) != c.read || meta.Reason(err) != c.reason {
					t.Errorf("looking: %v, want %s %s", err, c.read, c.reason)
				}
				quiet(t, err)
			})
		}
	}
}
