// Package tasks holds what a bot can do for a citizen: task flows as reviewed data, checked when loaded. Tools are in tasks/tool.
// It imports the domain words of agents only and reads nothing but its embedded files.
package tasks
