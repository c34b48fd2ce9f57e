// Package kiosk is the face of the booth: it draws a view.View with Fyne and answers a touch with the id of an Action. It decides where
// things stand on the panel and nothing else: it knows no dialogue, no network and no clock. Of our packages it imports only ui/view.
//
// A View becomes a scene (a flat list of shapes, pictures, texts and touch targets in panel pixels, made by pure functions), and the
// scene becomes Fyne objects; what did not change between two scenes keeps its object.
package kiosk
