package sim

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"unicode/utf8"
)

// unfetched is what Graph says of an address it could not get, or of what it got there.
func unfetched(err error, code, subcode int, message string) error {
	if err != nil && !errors.Is(err, errNotFetched) {
		return err
	}
	e := oauthError(code, message)
	e.Subcode = subcode
	return e
}

// bring is POST /{page}/photos and /{page}/videos, of what is not to be seen yet. Photos and videos that are seen at once are
// refused here: our system never asks for them.
func (s *Simulator) bring(film bool) func(http.ResponseWriter, *http.Request, string) {
	return func(w http.ResponseWriter, r *http.Request, _ string) {
		address, text := r.Form.Get("url"), ""
		if film {
			address, text = r.Form.Get("file_url"), strings.TrimSpace(r.Form.Get("description"))
		}
		if r.Form.Get("published") != "false" {
			writeGraphError(w, oauthError(100, "(#100) This simulator takes photos and videos with published=false only"))
			return
		}
		m, err := s.fetched(r.Context(), address, r.Form.Get("alt_text_custom"))
		switch {
		case err != nil || !film && m.Type != mediaImage:
			writeGraphError(w, unfetched(err, 324, 2069019, "(#324) Missing or invalid image file"))
			return
		case !film && m.Mime != "image/jpeg" && m.Mime != "image/png" && m.Mime != "image/gif":
			writeGraphError(w, oauthError(100, "(#100) Invalid image format"))
			return
		}
		var d draft
		err = s.commit(func(t *tx) error {
			d = draft{ID: t.object(), Network: targetFacebook, Text: text, At: t.now.UTC(), Spoiled: film && m.Type != mediaVideo}
			m.ID, m.Type = d.ID, mediaImage
			if film {
				m.Type = mediaVideo
			}
			d.Media = []medium{m}
			t.add(change{Draft: &d})
			if film { // its post has a number from the beginning
				d.Post = t.object()
				t.add(change{Draft: &d})
			}
			return nil
		})
		if err != nil {
			writeGraphError(w, err)
			return
		}
		writeGraph(w, http.StatusOK, obj{"id": d.ID})
	}
}

// videoView is GET /{video-id} of one that is not published, or that was.
func (w *world) videoView(d *draft, fields string, done, spoiled bool) (obj, error) {
	status := "processing"
	switch {
	case spoiled:
		status = "error"
	case done:
		status = "ready"
	}
	known := obj{
		"status": obj{"video_status": status}, "post_id": d.Post, "description": d.Text, "published": d.Used != "",
		"created_time": d.At.Format(graphTime), "permalink_url": "/" + w.pageID + "/videos/" + d.ID + "/", "length": 12.5,
	}
	return pick(d.ID, fields, func(f wanted) (any, bool, error) {
		v, there := known[f.name]
		return v, there, nil
	})
}

// draftView is GET /{id} of a draft.
func (s *Simulator) draftView(w http.ResponseWriter, r *http.Request, id string) {
	now := s.cfg.Clock()
	s.writePicked(w, func() (out obj, err error) {
		s.read(func(w *world) {
			d := w.drafts[id]
			switch {
			case d.Network == targetInstagram:
				out, err = w.containerView(d, r.Form.Get("fields"), now)
			case d.film():
				out, err = w.videoView(d, r.Form.Get("fields"), d.worked(now), d.Spoiled && d.worked(now))
			default:
				out, err = pick(d.ID, r.Form.Get("fields"), func(f wanted) (any, bool, error) {
					v, there := obj{"alt_text_custom": d.Media[0].Alt, "created_time": d.At.Format(graphTime)}[f.name]
					return v, there, nil
				})
			}
		})
		return out, err
	})
}

// pagePost is POST /{page}/feed: words, a link, and pictures that were brought before.
func (s *Simulator) pagePost(w http.ResponseWriter, r *http.Request, _ string) {
	var named []struct {
		ID string `json:"media_fbid"`
	}
	text, link := strings.TrimSpace(r.Form.Get("message")), strings.TrimSpace(r.Form.Get("link"))
	if list := r.Form.Get("attached_media"); list != "" && json.Unmarshal([]byte(list), &named) != nil {
		writeGraphError(w, oauthError(100, "(#100) Param attached_media must be an array."))
		return
	}
	s.pagePublishes(w, func(t *tx) (item, []string, error) {
		it := item{Kind: kindPost, Text: text, Link: link}
		ids := make([]string, len(named))
		for i, n := range named {
			d := t.w.drafts[n.ID]
			if d == nil || d.Network != targetFacebook || d.film() || d.Used != "" || d.over(t.now) {
				return it, nil, oauthError(100, "(#100) Invalid parameter: attached_media")
			}
			ids[i] = d.ID
			it.Media = append(it.Media, d.Media...)
		}
		switch {
		case link != "" && len(named) > 0:
			return it, nil, oauthError(100, "(#100) Only one of link and attached_media may be given")
		case text == "" && link == "" && len(named) == 0:
			return it, nil, oauthError(100, "(#100) Missing message or attachment")
		}
		it.ID = t.w.pageID + "_" + t.object()
		return it, ids, nil
	}, func(id string) obj { return obj{"id": id} })
}

// showVideo is POST /{video-id} with published.
func (s *Simulator) showVideo(w http.ResponseWriter, r *http.Request, id string) {
	if r.Form.Get("published") != "true" {
		writeGraphError(w, oauthError(100, "(#100) Nothing to change"))
		return
	}
	s.pagePublishes(w, func(t *tx) (item, []string, error) {
		d := t.w.drafts[id]
		switch {
		case d.Network != targetFacebook || !d.film() || d.Spoiled:
			return item{}, nil, gone(r.Method, id)
		case !d.worked(t.now):
			return item{}, nil, oauthError(100, "(#100) The video is still being processed")
		case d.Used != "":
			return item{}, nil, oauthError(100, "(#100) The video is published already")
		}
		return item{ID: t.w.pageID + "_" + d.Post, Kind: kindPost, Text: d.Text, Media: d.Media}, []string{d.ID}, nil
	}, func(string) obj { return obj{"success": true} })
}

// pagePublishes puts a post of the page on its wall, uses up the drafts it is made of, and tells.
func (s *Simulator) pagePublishes(w http.ResponseWriter, compose func(t *tx) (item, []string, error), answer func(id string) obj) {
	var id, told string
	err := s.commit(func(t *tx) error {
		it, drafts, err := compose(t)
		if err != nil {
			return err
		}
		if utf8.RuneCountInString(it.Text) > longest(kindPost) {
			return oauthError(100, "(#100) Param message is too long")
		}
		if twin := t.w.said(targetFacebook, "", it.Text); twin != nil && twin.Kind == kindPost {
			if _, hit := t.strike(targetFacebook, refuseDuplicate); hit {
				return oauthError(506, "(#506) Duplicate status message")
			}
		}
		it.Thread, it.From, it.At, it.Own = it.ID, person{t.w.pageID, pageName}, t.now.UTC(), true
		t.add(change{Item: &it})
		for _, d := range drafts {
			t.add(change{Used: &usedDraft{ID: d, Post: it.ID}})
		}
		id, told = it.ID, t.tell(t.w.items[it.ID], verbAdd)
		return nil
	})
	if err != nil {
		writeGraphError(w, err)
		return
	}
	s.echoFirst(targetFacebook, id, told)
	writeGraph(w, http.StatusOK, answer(id))
}
