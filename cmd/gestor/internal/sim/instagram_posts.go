package sim

import (
	"net/http"
	"strings"
	"time"
	"unicode/utf8"
)

// instagramDaily is how much an account may publish in 24 hours.
const instagramDaily = 100

// mostInCarousel is how many pictures a post may have.
const mostInCarousel = 10

// contain is POST /{ig-user-id}/media: a container, which nobody sees.
func (s *Simulator) contain(w http.ResponseWriter, r *http.Request, _ string) {
	d, err := s.contained(r)
	if err == nil {
		err = s.commit(func(t *tx) error {
			n, _ := networkOf(targetInstagram)
			if err := t.gather(&d); err != nil {
				return err
			}
			d.ID, d.At = t.number(n), t.now.UTC()
			for i := range d.Media {
				if len(d.Children) == 0 {
					d.Media[i].ID = d.ID
				}
			}
			t.add(change{Draft: &d})
			return nil
		})
	}
	if err != nil {
		writeGraphError(w, err)
		return
	}
	writeGraph(w, http.StatusOK, obj{"id": d.ID})
}

// contained reads what a container is to hold, and fetches it.
func (s *Simulator) contained(r *http.Request) (d draft, err error) {
	f := r.Form
	d = draft{Network: targetInstagram, Text: strings.TrimSpace(f.Get("caption")), Item: f.Get("is_carousel_item") == "true"}
	switch picture, film, children := f.Get("image_url"), f.Get("video_url"), f.Get("children"); {
	case utf8.RuneCountInString(d.Text) > 2200, strings.Count(d.Text, "#") > 30:
		err = unfetched(nil, 100, 2207010, "The caption was too long.")
	case children != "" && f.Get("media_type") == "CAROUSEL":
		d.Children = strings.Split(children, ",")
	case film != "" && (f.Get("media_type") == "REELS" || f.Get("media_type") == "VIDEO" && d.Item):
		err = s.containFile(r, &d, film, mediaVideo)
	case picture != "" && film == "" && f.Get("media_type") == "":
		err = s.containFile(r, &d, picture, mediaImage)
	default:
		err = oauthError(100, "(#100) The parameter image_url is required.")
	}
	return d, err
}

// containFile fetches the file of a container. What is no video shows later, as Instagram works on videos afterwards.
func (s *Simulator) containFile(r *http.Request, d *draft, address, want string) error {
	m, err := s.fetched(r.Context(), address, r.Form.Get("alt_text"))
	switch {
	case err != nil:
		return unfetched(err, 9004, 2207052, "The media could not be fetched from this URI.")
	case want == mediaImage && m.Mime != "image/jpeg":
		return unfetched(nil, 36001, 2207005, "The image format is not supported.")
	}
	d.Spoiled = m.Type != want
	m.Type = want
	d.Media = []medium{m}
	return nil
}

// gather puts the items of a carousel together.
func (t *tx) gather(d *draft) error {
	if len(d.Children) == 0 {
		return nil
	}
	if len(d.Children) < 2 || len(d.Children) > mostInCarousel {
		return unfetched(nil, 100, 2207028, "Your post won't work as a carousel.")
	}
	for _, id := range d.Children {
		child := t.w.drafts[id]
		if child == nil || !child.Item || child.Network != targetInstagram || child.over(t.now) {
			return unfetched(nil, 24, 2207006, "The media with id "+id+" cannot be found.")
		}
		d.Media = append(d.Media, child.Media...)
		d.Spoiled = d.Spoiled || child.Spoiled
	}
	return nil
}

// containerView is GET /{ig-container-id}.
func (w *world) containerView(d *draft, fields string, now time.Time) (obj, error) {
	code, status := "FINISHED", "Finished: Media has been uploaded and it is ready to be published."
	switch {
	case d.Used != "":
		code, status = "PUBLISHED", "Published: Media has been successfully published."
	case d.over(now):
		code, status = "EXPIRED", "Expired: Media was not published in 24 hours."
	case !d.worked(now):
		code, status = "IN_PROGRESS", "In Progress: Media is still being processed."
	case d.Spoiled:
		code, status = "ERROR", "Error: Media upload has failed with error code 2207026"
	}
	return pick(d.ID, fields, func(f wanted) (any, bool, error) {
		v, there := obj{"status_code": code, "status": status}[f.name]
		return v, there, nil
	})
}

// usedToday counts what our system published on Instagram in the last 24 hours.
func (w *world) usedToday(now time.Time) int {
	n := 0
	for _, id := range w.at(targetInstagram).sent {
		if it := w.items[id]; it.Kind == kindPost && it.At.After(now.Add(-24*time.Hour)) {
			n++
		}
	}
	return n
}

// publishingLimit is GET /{ig-user-id}/content_publishing_limit.
func (s *Simulator) publishingLimit(w http.ResponseWriter, _ *http.Request, _ string) {
	used := 0
	s.read(func(w *world) { used = w.usedToday(s.cfg.Clock()) })
	writeGraph(w, http.StatusOK, obj{"data": []obj{{"quota_usage": used, "config": obj{"quota_total": instagramDaily, "quota_duration": 86400}}}})
}

// instagramPost is POST /{ig-user-id}/media_publish.
func (s *Simulator) instagramPost(w http.ResponseWriter, r *http.Request, _ string) {
	n, _ := networkOf(targetInstagram)
	var id string
	err := s.commit(func(t *tx) error {
		d := t.w.drafts[r.Form.Get("creation_id")]
		switch {
		case d == nil || d.Network != targetInstagram || d.Item || d.Spoiled && d.worked(t.now):
			return unfetched(nil, 24, 2207006, "The media with that id cannot be found.")
		case d.Used != "" || d.over(t.now):
			return unfetched(nil, 24, 2207008, "The media builder with that creation id does not exist or has expired.")
		case !d.worked(t.now):
			return unfetched(nil, 9007, 2207027, "The media is not ready for publishing, please wait for a moment.")
		case t.w.usedToday(t.now) >= instagramDaily:
			return unfetched(nil, 9, 2207042, "You reached the maximum number of posts that is allowed to be published.")
		}
		id = t.number(n)
		_, _ = t.speak(n, item{Kind: kindPost, ID: id, Thread: id, Text: d.Text, Media: d.Media}) // Instagram tells nobody of it
		t.add(change{Used: &usedDraft{ID: d.ID, Post: id}})
		return nil
	})
	if err != nil {
		writeGraphError(w, err)
		return
	}
	writeGraph(w, http.StatusOK, obj{"id": id})
}
