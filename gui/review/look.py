"""What the review window adds to the product's style sheet."""

from __future__ import annotations

from gui.style import Look, style_sheet


def review_style(look: Look) -> str:
    """Return the style sheet of the review window."""
    t, s = look.theme, look.sizes
    pad, round_ = round(s.body * 0.4), 8
    return (
        style_sheet(look)
        + f"""
    QLineEdit, QComboBox {{ background: {t.raised}; border: 1px solid {t.line}; border-radius: {round_}px;
        padding: {pad}px {round(s.body * 0.6)}px; selection-background-color: {t.focus};
        selection-color: {t.page}; }}
    QLineEdit:focus {{ border: 2px solid {t.focus}; }}
    QComboBox::drop-down {{ border: none; width: {round(s.body * 1.4)}px; }}
    QComboBox::down-arrow {{ image: none; }}
    QAbstractSpinBox QLineEdit {{ background: transparent; border: none; padding: 0; }}
    QComboBox QAbstractItemView {{ background: {t.raised}; border: 1px solid {t.line};
        selection-background-color: {t.line}; selection-color: {t.text}; outline: none; }}
    QPushButton[role="tab"] {{ background: transparent; border: none; border-radius: 0;
        border-bottom: 3px solid transparent; color: {t.soft}; font-weight: 600;
        padding: {pad}px {round(s.body * 0.9)}px; }}
    QPushButton[role="tab"]:hover {{ color: {t.text}; }}
    QPushButton[role="tab"]:checked {{ color: {t.text}; border-bottom: 3px solid {t.focus};
        background: transparent; }}
    QPushButton[role="tab"]:focus {{ color: {t.focus}; }}
    QPushButton[role="main"] {{ background: {t.focus}; color: {t.page}; border: 1px solid {t.focus};
        font-weight: 600; }}
    QPushButton[role="main"]:disabled {{ background: {t.raised}; color: {t.soft};
        border: 1px solid {t.line}; }}
    QPushButton[role="small"] {{ padding: {round(s.body * 0.2)}px {round(s.body * 0.6)}px;
        font-size: {s.small}px; }}
    QPushButton[role="yes"]:checked {{ background: {t.usual}; color: {t.page}; border-color: {t.usual}; }}
    QPushButton[role="no"]:checked {{ background: {t.caution}; color: {t.page}; border-color: {t.caution}; }}
    QFrame#strip {{ background: {t.raised}; border: 1px solid {t.caution}; border-radius: {round_}px; }}
    QFrame#finding {{ background: {t.raised}; border: 1px solid {t.line}; border-radius: {round_}px; }}
    QFrame#finding[chosen="true"] {{ border: 2px solid {t.focus}; }}
    QTableView::item:selected {{ background: {t.raised}; color: {t.text}; }}
    QProgressBar {{ background: {t.raised}; border: none; border-radius: 3px; }}
    QProgressBar::chunk {{ background: {t.focus}; border-radius: 3px; }}
    QSplitter::handle {{ background: transparent; }}
    """
    )
