package sim

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// xCategories are what X calls the sorts of media of posts, what they hold, and how large they may be.
func xCategory(name string) (kind string, mime string, most int64) {
	switch name {
	case "tweet_image":
		return mediaImage, "image/", 5 << 20
	case "tweet_gif":
		return mediaImage, "image/gif", 15 << 20
	case "tweet_video":
		return mediaVideo, "video/", 512 << 20
	}
	return "", "", 0
}

func xNoMedia() *xProblem { return xBad("Your media IDs are invalid.") }

// xInitialize is POST /2/media/upload/initialize.
func (s *Simulator) xInitialize(r *http.Request) (int, any, error) {
	var in struct {
		Type     string `json:"media_type"`
		Size     int64  `json:"total_bytes"`
		Category string `json:"media_category"`
	}
	if err := xBody(r, &in); err != nil {
		return 0, nil, err
	}
	kind, mime, most := xCategory(in.Category)
	if kind == "" || !strings.HasPrefix(in.Type, mime) || in.Size <= 0 || in.Size > most {
		return 0, nil, xBad("media_type, total_bytes or media_category is invalid.")
	}
	n, _ := networkOf(targetX)
	var d draft
	err := s.commit(func(t *tx) error {
		d = draft{ID: t.number(n), Network: targetX, Size: in.Size, At: t.now.UTC()}
		key := "3_" + d.ID
		if kind == mediaVideo {
			key = "13_" + d.ID
		}
		d.Media = []medium{{ID: key, Type: kind, At: d.At, Mime: in.Type}}
		t.add(change{Draft: &d})
		return nil
	})
	return http.StatusOK, obj{"data": d.xView(s.cfg.Clock())}, err
}

// xView is what was brought, as X tells of it.
func (d *draft) xView(now time.Time) obj {
	v := obj{"id": d.ID, "media_key": d.Media[0].ID, "expires_after_secs": int(d.At.Add(draftLives).Sub(now).Seconds())}
	if d.whole() && d.film() {
		info := obj{"state": "in_progress", "check_after_secs": 1, "progress_percent": 50}
		switch {
		case d.worked(now) && d.Spoiled:
			info = obj{"state": "failed", "error": obj{"code": 1, "name": "InvalidMedia", "message": "Unsupported video format"}}
		case d.worked(now):
			info = obj{"state": "succeeded", "progress_percent": 100}
		case now.Equal(d.At):
			info = obj{"state": "pending", "check_after_secs": 1}
		}
		v["processing_info"] = info
	}
	return v
}

// xBrought gives what a request is about, or why there is nothing.
func (s *Simulator) xBrought(id string) (*draft, error) {
	d := s.uploaded(targetX, id)
	if d == nil || d.over(s.cfg.Clock()) || d.Used != "" {
		return nil, &xProblem{"Not Found Error", "Could not find media with id: [" + id + "].", xNotFound, http.StatusNotFound}
	}
	return d, nil
}

// xAppend is POST /2/media/upload/{id}/append: a segment, in a form.
func (s *Simulator) xAppend(r *http.Request) (int, any, error) {
	d, err := s.xBrought(r.PathValue("id"))
	if err != nil {
		return 0, nil, err
	}
	r.Body = http.MaxBytesReader(nil, r.Body, uploadLimit)
	if d.whole() || r.ParseMultipartForm(uploadLimit) != nil {
		return 0, nil, xBad("One or more parameters to your request was invalid.")
	}
	index, err := strconv.Atoi(r.FormValue("segment_index"))
	file, head, errFile := r.FormFile("media")
	if err != nil || errFile != nil || index < 0 || index > 999 || head.Size == 0 || head.Size > 5<<20 {
		return 0, nil, xBad("segment_index or media is invalid.")
	}
	defer func() { _ = file.Close() }()
	if _, err := s.keepPart(d.ID, index, file); err != nil {
		return 0, nil, err
	}
	return http.StatusOK, obj{"data": obj{"expires_at": d.At.Add(draftLives).Unix()}}, nil
}

// xFinalize is POST /2/media/upload/{id}/finalize. What is not what it was said to be is found out while X works on it.
func (s *Simulator) xFinalize(r *http.Request) (int, any, error) {
	d, err := s.xBrought(r.PathValue("id"))
	switch {
	case err != nil:
		return 0, nil, err
	case d.whole(): // again
		return http.StatusOK, obj{"data": d.xView(s.cfg.Clock())}, nil
	}
	m, size, err := s.joined(d)
	switch {
	case err != nil:
		return 0, nil, err
	case size != d.Size:
		return 0, nil, xBad("The total size of the segments is not total_bytes.")
	case m.Type == mediaImage && !strings.HasPrefix(m.Mime, "image/"):
		return 0, nil, xBad("The media is not an image.")
	}
	d.Spoiled = m.Type == mediaVideo && !strings.HasPrefix(m.Mime, "video/")
	d.Media = []medium{m}
	err = s.commit(func(t *tx) error {
		d.At = t.now.UTC()
		t.add(change{Draft: d})
		return nil
	})
	return http.StatusOK, obj{"data": d.xView(d.At)}, err
}

// xStatus is GET /2/media/upload?command=STATUS.
func (s *Simulator) xStatus(r *http.Request) (int, any, error) {
	if r.URL.Query().Get("command") != "STATUS" {
		return 0, nil, xBad("The command is invalid.")
	}
	d, err := s.xBrought(r.URL.Query().Get("media_id"))
	if err != nil {
		return 0, nil, err
	}
	return http.StatusOK, obj{"data": d.xView(s.cfg.Clock())}, nil
}

// xMetadata is POST /2/media/metadata: what a picture shows.
func (s *Simulator) xMetadata(r *http.Request) (int, any, error) {
	var in struct {
		ID       string `json:"id"`
		Metadata struct {
			Alt struct {
				Text string `json:"text"`
			} `json:"alt_text"`
		} `json:"metadata"`
	}
	if err := xBody(r, &in); err != nil {
		return 0, nil, err
	}
	d, err := s.xBrought(in.ID)
	switch text := in.Metadata.Alt.Text; {
	case err != nil:
		return 0, nil, err
	case text == "" || len([]rune(text)) > 1000 || !d.whole() || d.film():
		return 0, nil, xBad("alt_text is invalid.")
	}
	d.Media[0].Alt = in.Metadata.Alt.Text
	err = s.commit(func(t *tx) error { t.add(change{Draft: d}); return nil })
	return http.StatusOK, obj{"data": obj{"id": d.ID, "associated_metadata": in.Metadata}}, err
}

// xHung gives what hangs on a post that is being published.
func (t *tx) xHung(ids []string) ([]medium, error) {
	all, good := t.hung(targetX, ids)
	film := slices.ContainsFunc(all, func(m medium) bool { return m.Type == mediaVideo || m.Mime == "image/gif" })
	if !good || len(all) > 4 || film && len(all) > 1 {
		return nil, xNoMedia()
	}
	return all, nil
}

// xShown is the text of a post as X gives it back: behind it stands an address for what hangs on it.
func xShown(it *item) (text string, urls []any) {
	text = xShort(it)
	if !it.Own || it.Kind == kindDM || len(it.Media) == 0 {
		return text, nil
	}
	short := "https://t.co/" + token("medios"+it.ID, 10)
	for _, m := range it.Media {
		urls = append(urls, obj{
			"start": len([]rune(text)) + 1, "end": len([]rune(text)) + 1 + len(short), "url": short, "media_key": m.ID,
			"expanded_url": "https://x.com/" + it.Handle + "/status/" + it.ID + "/photo/1", "display_url": "pic.x.com/" + short[len("https://t.co/"):],
		})
	}
	return strings.TrimSpace(text + " " + short), urls
}

// xCounted adds what X counts of a post to it, as far as it was asked for.
func (w *world) xCounted(out obj, it *item, fields string, now time.Time) obj {
	metrics := w.xMetrics(it, now)
	for name := range strings.SplitSeq(fields, ",") {
		if v, there := metrics[name]; there {
			out[name] = v
		}
	}
	return out
}

// xMetrics are what X counts of a post of ours: everybody may know some, and its author the rest, for 30 days.
func (w *world) xMetrics(it *item, now time.Time) obj {
	n := w.counted(it)
	said := len(w.stream(it.ID))
	out := obj{"public_metrics": obj{
		"retweet_count": n.shares, "reply_count": said, "like_count": n.likes, "quote_count": 0, "bookmark_count": 0, "impression_count": n.views,
	}}
	if it.Own && now.Sub(it.At) < 30*24*time.Hour {
		out["organic_metrics"] = obj{
			"retweet_count": n.shares, "reply_count": said, "like_count": n.likes, "impression_count": n.views, "url_link_clicks": n.clicks, "user_profile_clicks": 0,
		}
	}
	return out
}

// applyVersion keeps the id of a new version of a post.
func (w *world) applyVersion(it *item, id string) {
	if id == "" {
		return
	}
	it.Versions = append(it.Versions, id)
	w.versions[id] = it.ID
	if n, err := strconv.ParseInt(id, 10, 64); err == nil {
		w.numbers[n] = true
	}
}

// xVersion gives the post that an id means, which may be that of a later version.
func (w *world) xVersion(id string) *item {
	if first := w.versions[id]; first != "" {
		id = first
	}
	return w.items[id]
}
