package kiosk

// Panel is the glass: its native size and how fine it is.
type Panel struct {
	WidthPx, HeightPx int
	PxPerMM           float64
}

// The panels of the first booths. Others are laid out as the one they are closest to in millimetres.
var (
	Panel215 = Panel{WidthPx: 1080, HeightPx: 1920, PxPerMM: 4.03} // 21.5 inches
	Panel101 = Panel{WidthPx: 800, HeightPx: 1280, PxPerMM: 5.88}  // 10.1 inches
)

// small tells a panel too narrow for two things side by side at reading size.
func (p Panel) small() bool { return float64(p.WidthPx)/p.PxPerMM < 200 }

// metrics are the sizes of a panel's layout, in its pixels.
type metrics struct {
	w, h                                 float32
	margin, gap                          float32
	header, banner, footer               float32
	answer, cell, strip, key             float32 // preferred heights
	target                               float32 // smallest side of anything to be touched: 20 mm
	sos, mic                             float32 // width, diameter
	radius                               float32
	title, caption, body, label, smalltx float32 // text sizes
	line                                 float32 // of outlines
}

func (p Panel) metrics() metrics {
	w, h := float32(p.WidthPx), float32(p.HeightPx)
	target := float32(20 * p.PxPerMM)
	if p.small() {
		return metrics{
			w: w, h: h, margin: 20, gap: 14, header: 100, banner: 62, footer: 150,
			answer: 120, cell: 158, strip: 104, key: 120, target: target, sos: 280, mic: 240, radius: 24,
			title: 56, caption: 44, body: 34, label: 40, smalltx: 28, line: 3,
		}
	}
	return metrics{
		w: w, h: h, margin: 40, gap: 20, header: 150, banner: 96, footer: 220,
		answer: 146, cell: 200, strip: 148, key: 136, target: target, sos: 372, mic: 330, radius: 36,
		title: 84, caption: 60, body: 40, label: 54, smalltx: 32, line: 3,
	}
}
