// Whether the sidebar is folded away (wide windows) or open as a drawer (phones).
class SidebarState {
  collapsed = $state(localStorage.getItem('kbchat.sidebar') === 'collapsed');
  drawer = $state(false);

  fold(collapsed: boolean): void {
    this.collapsed = collapsed;
    localStorage.setItem('kbchat.sidebar', collapsed ? 'collapsed' : 'open');
  }
}

export const sidebar = new SidebarState();
