package channel_test

import (
	"reflect"
	"testing"
	"time"

	"sence.gob.cl/gestor/shared/channel"
)

// A delivery is news once in a minute, and never makes the last one earlier.
func TestChannel_Heard(t *testing.T) {
	c := working()
	c.Delivered = noon()
	for after, want := range map[time.Duration]bool{-time.Hour: false, 0: false, time.Minute - time.Second: false, time.Minute: true} {
		got, news := c.Heard(noon().Add(after))
		if news != want || want && (!got.Delivered.Equal(noon().Add(after)) || got.Rev != c.Rev+1) || !want && got.Rev != c.Rev {
			t.Errorf("after %s: news %t, %+v", after, news, got)
		}
	}
	if got, news := (channel.Channel{}).Heard(noon()); !news || !got.Delivered.Equal(noon()) {
		t.Errorf("the first: %t %+v", news, got)
	}
}

func TestChannel_MendedAndBefore(t *testing.T) {
	c := working()
	c.Repaired, c.ConnectedAt = 2, noon()
	got := c.Mended(3, "una")
	if got.Repaired != 5 || got.Rev != c.Rev+1 {
		t.Errorf("%+v", got)
	}
	if other := c.Mended(3, "otra"); reflect.DeepEqual(other, got) {
		t.Error("two who count alike write the same, and one of them is lost")
	}
	if !c.Before(noon().Add(-time.Second)) || c.Before(noon()) || c.Before(time.Time{}) {
		t.Error("before the connection")
	}
	c.ConnectedAt = time.Time{}
	if c.Before(noon().Add(-time.Hour)) {
		t.Error("nobody knows when it was connected")
	}
}
