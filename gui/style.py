"""The theme as Qt knows it: style sheet, pens, fonts, and the shapes that stand for levels."""

from __future__ import annotations

from dataclasses import dataclass, field

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPen, QPolygonF

from gui.theme import DARK, Sizes, Theme
from gui.view_state import Standing
from monitor.model.events import Level

FAMILIES = ["Inter", "Segoe UI", "SF Pro Text", "Helvetica Neue", "Noto Sans", "DejaVu Sans"]
"""First one that is there; every one has tabular or near-tabular figures."""


@dataclass(frozen=True, slots=True)
class Look:
    """A theme at a text size."""

    theme: Theme = DARK
    sizes: Sizes = field(default_factory=Sizes)

    def font(self, pixels: int, *, bold: bool = False) -> QFont:
        """Return the product's font at a pixel size."""
        font = QFont()
        font.setFamilies(FAMILIES)
        font.setPixelSize(max(1, pixels))
        font.setWeight(QFont.Weight.DemiBold if bold else QFont.Weight.Normal)
        return font

    def level_colour(self, level: Level | None) -> QColor:
        """Return the ink of a level; plain text without one."""
        inks = {Level.CAUTION: self.theme.caution, Level.ALERT: self.theme.alert}
        return QColor(self.theme.text if level is None else inks[level])

    def standing_colour(self, standing: Standing) -> QColor:
        """Return the ink of the big number."""
        return QColor(
            {
                Standing.UNKNOWN: self.theme.text,
                Standing.USUAL: self.theme.text,
                Standing.CAUTION: self.theme.caution,
                Standing.ALERT: self.theme.alert,
            }[standing]
        )


def with_alpha(colour: str | QColor, alpha: float) -> QColor:
    """Return `colour` at an opacity of 0 to 1."""
    made = QColor(colour)
    made.setAlphaF(alpha)
    return made


def draw_level(painter: QPainter, box: QRectF, level: Level | Standing | None, colour: QColor) -> None:
    """Draw the shape of a level: circle inside, triangle at caution, filled diamond at alert."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    centre = box.center()
    match level:
        case Level.ALERT | Standing.ALERT:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour)
            half_w, half_h = box.width() / 2, box.height() / 2
            points = [(0, -half_h), (half_w, 0), (0, half_h), (-half_w, 0)]
            painter.drawPolygon(QPolygonF([QPointF(centre.x() + x, centre.y() + y) for x, y in points]))
        case Level.CAUTION | Standing.CAUTION:
            painter.setPen(QPen(colour, max(1.5, box.width() / 8)))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            inner = box.adjusted(1, 1, -1, -1)
            painter.drawPolygon(
                QPolygonF([QPointF(centre.x(), inner.top()), inner.bottomRight(), inner.bottomLeft()])
            )
        case _:
            painter.setPen(QPen(colour, max(1.5, box.width() / 8)))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawEllipse(box.adjusted(1, 1, -1, -1))
    painter.restore()


def style_sheet(look: Look) -> str:
    """Return the style sheet of the whole window."""
    t, s = look.theme, look.sizes
    families = ", ".join(f'"{name}"' for name in FAMILIES)
    return f"""
    QWidget {{ color: {t.text}; font-family: {families}, sans-serif; font-size: {s.body}px; }}
    QMainWindow, QDialog, #page {{ background: {t.page}; }}
    QFrame#panel {{ background: {t.panel}; border: 1px solid {t.line}; border-radius: 10px; }}
    QFrame#panel[standing] {{ padding: 2px; }}
    QFrame#panel[standing="caution"] {{ border: 3px dashed {t.caution}; padding: 0; }}
    QFrame#panel[standing="alert"] {{ border: 3px solid {t.alert}; padding: 0; }}
    QFrame#panel[provisional="true"] {{ border: 1px dashed {t.soft}; }}
    QLabel {{ background: transparent; }}
    QLabel[role="soft"] {{ color: {t.soft}; }}
    QLabel[role="small"] {{ color: {t.soft}; font-size: {s.small}px; }}
    QLabel[role="overline"] {{ color: {t.soft}; font-size: {s.small}px; font-weight: 600; }}
    QLabel[role="title"] {{ font-size: {s.title}px; font-weight: 600; }}
    QLabel[role="count"] {{ font-size: {s.count}px; font-weight: 600; }}
    QLabel[role="caution"] {{ color: {t.caution}; }}
    QLabel[role="alert"] {{ color: {t.alert}; }}
    QLabel[role="warnchip"] {{ color: {t.caution}; }}
    QLabel[role="chip"], QLabel[role="warnchip"] {{ background: {t.raised};
        border-radius: {round(s.body * 0.8)}px;
        padding: {round(s.body * 0.3)}px {round(s.body * 0.8)}px; }}
    QLabel[role="cue"] {{ background: {t.raised}; border-left: 4px solid {t.focus};
        padding: {round(s.body * 0.6)}px; font-size: {round(s.body * 1.1)}px; }}
    QLabel[role="nextcue"] {{ font-size: {s.step}px; font-weight: 600; }}
    QPushButton {{ background: {t.raised}; border: 1px solid {t.line}; border-radius: 8px;
        padding: {round(s.body * 0.45)}px {round(s.body * 0.9)}px; }}
    QPushButton:hover {{ border-color: {t.soft}; }}
    QPushButton:focus, QComboBox:focus, QDoubleSpinBox:focus, QTableView:focus {{
        border: 2px solid {t.focus}; }}
    QPushButton:pressed, QPushButton:checked {{ background: {t.line}; border-color: {t.soft}; }}
    QDoubleSpinBox {{ background: {t.raised}; border: 1px solid {t.line}; border-radius: 8px;
        padding: {round(s.body * 0.35)}px; selection-background-color: {t.focus};
        selection-color: {t.page}; }}
    QDoubleSpinBox::up-button, QDoubleSpinBox::down-button {{ width: 0px; border: none;
        background: transparent; }}
    QDoubleSpinBox::up-arrow, QDoubleSpinBox::down-arrow {{ image: none; }}
    QCheckBox {{ border: 2px solid transparent; border-radius: 6px; padding: {round(s.body * 0.1)}px;
        spacing: {round(s.body * 0.6)}px; }}
    QCheckBox:focus {{ border-color: {t.focus}; }}
    QCheckBox::indicator {{ width: {s.body}px; height: {s.body}px; border: 2px solid {t.soft};
        border-radius: 4px; background: {t.raised}; }}
    QCheckBox::indicator:checked {{ background: {t.focus}; border-color: {t.text}; }}
    QPushButton:disabled {{ color: {t.soft}; }}
    QTableView {{ background: {t.panel}; border: 1px solid transparent; gridline-color: transparent;
        selection-background-color: {t.raised}; selection-color: {t.text}; }}
    QTableView::item {{ padding: 0 6px; border: none; }}
    QHeaderView {{ background: {t.panel}; }}
    QHeaderView::section {{ background: {t.panel}; color: {t.soft}; border: none;
        border-bottom: 1px solid {t.line}; padding: 4px 6px; font-size: {s.small}px; font-weight: 600; }}
    QProgressBar {{ background: {t.raised}; border: 1px solid {t.line}; border-radius: 6px; }}
    QProgressBar::chunk {{ background: {t.focus}; border-radius: 5px; }}
    QScrollArea {{ background: transparent; border: none; }}
    QScrollBar:vertical {{ background: transparent; width: {round(10 * s.scale)}px; margin: 0; }}
    QScrollBar::handle:vertical {{ background: {t.line}; min-height: 30px;
        border-radius: {round(4 * s.scale)}px; }}
    QScrollBar:horizontal {{ background: transparent; height: {round(10 * s.scale)}px; margin: 0; }}
    QScrollBar::handle:horizontal {{ background: {t.line}; min-width: 30px;
        border-radius: {round(4 * s.scale)}px; }}
    QScrollBar::add-line, QScrollBar::sub-line {{ height: 0; width: 0; }}
    QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
    QToolTip {{ background: {t.raised}; color: {t.text}; border: 1px solid {t.line}; padding: 4px; }}
    """
