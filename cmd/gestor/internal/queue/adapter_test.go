package queue_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/sqs"
)

// These tests send through shared/sqs, as the functions do, over a real SDK client.

func TestAdapterSend(t *testing.T) {
	b := start(t)
	if err := sqs.New(b.sdk).Send(t.Context(), *b.url("out.fifo"), sqs.Message{Body: "hola", Group: "g", Dedup: "m1:1"}); err != nil {
		t.Fatal(err)
	}
	got := b.receive("out.fifo")
	if len(got) != 1 || got[0].Attributes["MessageGroupId"] != "g" || got[0].Attributes["MessageDeduplicationId"] != "m1:1" {
		t.Errorf("received %+v", got)
	}
	if err := sqs.New(b.sdk).Send(t.Context(), *b.url("inbox"), sqs.Message{Body: "luego", Delay: 10 * time.Second}); err != nil {
		t.Fatal(err)
	}
	b.depth("inbox", 0, 0, 1)
}

func TestAdapterKinds(t *testing.T) {
	b := start(t)
	client := sqs.New(b.sdk)
	full := strings.Repeat("a", sqs.MaxBytes)
	for _, c := range []struct {
		name    string
		queue   string
		message sqs.Message
		want    fault.Kind
	}{
		{"fits", "inbox", sqs.Message{Body: full}, 0},
		{"too long", "inbox", sqs.Message{Body: full + "a"}, fault.Permanent},
		{"no such queue", "nowhere", sqs.Message{Body: "x"}, fault.Permanent},
		{"empty", "inbox", sqs.Message{}, fault.Permanent},
		{"illegal character", "inbox", sqs.Message{Body: "a\x00"}, fault.Permanent},
		{"fifo without group", "out.fifo", sqs.Message{Body: "x", Dedup: "d"}, fault.Permanent},
		{"fifo without dedup", "out.fifo", sqs.Message{Body: "x", Group: "g"}, fault.Permanent},
		{"delay in a fifo queue", "out.fifo", sqs.Message{Body: "x", Group: "g", Dedup: "d", Delay: 1}, fault.Permanent},
	} {
		one := client.Send(t.Context(), *b.url(c.queue), c.message)
		many := client.SendBatch(t.Context(), *b.url(c.queue), []sqs.Message{c.message})
		if fault.Of(one) != c.want || fault.Of(many) != c.want || (c.want == 0) != (one == nil && many == nil) {
			t.Errorf("%s: Send: %v; SendBatch: %v; want %v", c.name, one, many, c.want)
		}
	}
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	if err := client.Send(t.Context(), *b.url("inbox"), sqs.Message{Body: "x"}); !fault.Is(err, fault.Transient) {
		t.Errorf("closed service: %v, want Transient", err)
	}
}

// drainGroups takes everything out of out.fifo, group after group.
func drainGroups(t *testing.T, b *bench) []string {
	t.Helper()
	got := []string{}
	for {
		some := b.receive("out.fifo")
		if len(some) == 0 {
			return got
		}
		for _, m := range some {
			got = append(got, *m.Body)
			b.remove("out.fifo", m)
		}
	}
}

func TestAdapterBatchOfTwentyFive(t *testing.T) {
	b := start(t)
	var messages []sqs.Message
	want := []string{}
	for i := range 25 {
		want = append(want, fmt.Sprintf("%02d", i))
		messages = append(messages, sqs.Message{Body: want[i]})
	}
	if err := sqs.New(b.sdk).SendBatch(t.Context(), *b.url("inbox"), messages); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, content(t, b.Service, "inbox")); diff != "" {
		t.Errorf("inbox (-want +got):\n%s", diff)
	}
}

func TestAdapterBatchStaysUnderOneMebibyte(t *testing.T) {
	b := start(t)
	var messages []sqs.Message
	for range 5 {
		messages = append(messages, sqs.Message{Body: strings.Repeat("a", sqs.MaxBytes/2)})
	}
	if err := sqs.New(b.sdk).SendBatch(t.Context(), *b.url("inbox"), messages); err != nil {
		t.Fatal(err)
	}
}

func TestAdapterGroupsKeepTheirOrder(t *testing.T) {
	b := start(t)
	var messages []sqs.Message
	for i, group := range []string{"a", "b", "a", "a", "c", "b"} {
		messages = append(messages, sqs.Message{Body: fmt.Sprint(group, i), Group: group, Dedup: fmt.Sprint(i)})
	}
	if err := sqs.New(b.sdk).SendBatch(t.Context(), *b.url("out.fifo"), messages); err != nil {
		t.Fatal(err)
	}
	got := map[string][]string{}
	for _, body := range drainGroups(t, b) {
		got[body[:1]] = append(got[body[:1]], body)
	}
	want := map[string][]string{"a": {"a0", "a2", "a3"}, "b": {"b1", "b5"}, "c": {"c4"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("groups (-want +got):\n%s", diff)
	}
}

func TestAdapterFailureStopsItsGroupOnly(t *testing.T) {
	b := start(t)
	err := sqs.New(b.sdk).SendBatch(t.Context(), *b.url("out.fifo"), []sqs.Message{
		{Body: "bad\x00", Group: "a", Dedup: "0"},
		{Body: "b1", Group: "b", Dedup: "1"},
		{Body: "a2", Group: "a", Dedup: "2"},
		{Body: "b3", Group: "b", Dedup: "3"},
		{Body: strings.Repeat("x", sqs.MaxBytes+1), Group: "c", Dedup: "4"},
	})
	var list *sqs.BatchError
	if !errors.As(err, &list) || fault.Of(err) != fault.Transient {
		t.Fatalf("SendBatch: %v", err)
	}
	got := map[int]fault.Kind{}
	for _, f := range list.Failed {
		got[f.Index] = fault.Of(f.Err)
	}
	want := map[int]fault.Kind{0: fault.Permanent, 2: fault.Transient, 4: fault.Permanent}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("failed (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"b1", "b3"}, drainGroups(t, b)); diff != "" {
		t.Errorf("out.fifo (-want +got):\n%s", diff)
	}
}
